/**
 * Options of test servers: they keep idle connections longer than the hub's own agent does (4 s), so that after a moment in which this process did nothing
 * else both ends do not give one up at once, which looks like a broken call.
 */
export const patientServer = { keepAliveTimeout: 65_000 };
