# Built in one stage, run in another: the image holds the bundle, its production packages and nothing to compile with.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Not without the optional packages: the compilers' binaries are among them.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm run build:playground && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/var/lib/heliograph
WORKDIR /app
RUN useradd --uid 10001 --home-dir /var/lib/heliograph --create-home --shell /usr/sbin/nologin heliograph
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
USER heliograph
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD node -e "fetch('http://127.0.0.1:' + (process.env.METRICS_PORT || process.env.PORT) + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
# Not npm: it would not hand SIGTERM on.
# METRICS_PORT answers for every role; PORT for the role api only.
CMD ["node", "--enable-source-maps", "dist/main.js"]
