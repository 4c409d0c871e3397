# The emulator of the vendor's Redis API, for tests in any language: docs/emulator.md says how to use it.
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund
RUN npm run build
# The package as users get it, and nothing that only Pulumi programs need.
RUN npm pack --ignore-scripts --pack-destination /tmp
RUN npm install --prefix /emulator --omit=dev --omit=peer --no-audit --no-fund /tmp/pulumi-cds-redis-*.tgz

FROM node:24-alpine
COPY --from=build /emulator /emulator
# An ordinary user of the base image. The emulator writes no file unless --state-file names one.
USER node
EXPOSE 43017
# The control is no call of the vendor's API, so that this shows in no log and counts for no limit.
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s \
  CMD wget -q -O /dev/null http://127.0.0.1:43017/_emulator/state
ENTRYPOINT ["node", "/emulator/node_modules/pulumi-cds-redis/dist/cli/main.js", "emulator"]
# Without an option it listens inside the container alone. compose.yaml opens it.
CMD []
