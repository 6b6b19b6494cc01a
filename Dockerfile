# syntax=docker/dockerfile:1

# The scripts, styles and fonts that the pages need.
FROM --platform=$BUILDPLATFORM node:22-bookworm-slim AS assets
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/build.mjs ./
COPY frontend/assets/src assets/src
RUN node build.mjs

# One static binary for the platform asked for, built on the builder's own.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS binary
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/frontend/assets/dist frontend/assets/dist
ARG VERSION=devel
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /tanamori . \
    && .ci/licences >/licences.txt

# The image brings no Postgres: give it one by TANAMORI_DATABASE_URL (compose.yaml does).
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/tanamori --create-home --shell /usr/sbin/nologin tanamori
COPY --from=binary /tanamori /usr/local/bin/tanamori
COPY --from=binary /licences.txt /usr/share/doc/tanamori/
COPY LICENSE NOTICE /usr/share/doc/tanamori/
USER tanamori
WORKDIR /var/lib/tanamori
ENV TANAMORI_LISTEN=0.0.0.0:8080 \
    TANAMORI_DATA_DIR=/var/lib/tanamori
VOLUME /var/lib/tanamori
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["tanamori", "health"]
ENTRYPOINT ["tanamori"]
CMD ["serve"]
