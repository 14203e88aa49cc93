/** What kind of system a platform is. `activities`: a system that reports activities, such as website visits and event attendance. */
export const connectorClasses = ['e-fulfilment', 'marketing-automation', 'sales-channel', 'marketplace', 'crm', 'activities', 'analytics'] as const;

/** One of `connectorClasses`. */
export type ConnectorClass = (typeof connectorClasses)[number];
