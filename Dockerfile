# The image that runs: the stripped binaries of a Cargo workspace and nothing to build them with.
#
#   DOCKER_BUILDKIT=1 docker build -t distributed-colony:latest WORKSPACE
#
# Compiles members only, offline, on top of the base image that Dockerfile.base made, which also
# says which binaries. With BASE_IMAGE=none there is no base image: the dependencies are restored
# from the server in this build, and the arguments of Dockerfile.base are arguments here.
# docs/docker.md explains each argument and compares the ways.
ARG BASE_IMAGE=distributed-colony-base:latest
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG DEPCACHE_CLIENT_IMAGE=depcache-client:latest
ARG RUNTIME=distroless
ARG DISTROLESS_IMAGE=gcr.io/distroless/cc
ARG ALPINE_IMAGE=alpine:3.19

# hadolint ignore=DL3006
FROM ${DEPCACHE_CLIENT_IMAGE} AS client

# What stands in for a base image where there is none: no dependencies yet.
# hadolint ignore=DL3006
FROM ${RUST_IMAGE} AS none
ARG BUILD_PACKAGES="libssl-dev pkg-config git"
# hadolint ignore=DL3008,SC2086
RUN if [ -n "$BUILD_PACKAGES" ]; then \
      apt-get update -qq \
      && apt-get install -y -qq --no-install-recommends $BUILD_PACKAGES >/dev/null \
      && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=client /depcache-client /usr/local/bin/depcache-client
WORKDIR /app
ENV CARGO_TARGET_DIR=/app/target
ARG BINS="backend coordinator"
ARG PACKAGES=""
ARG PROFILE=release
ARG TARGET=""
ARG CARGO_FLAGS=""
RUN selection=""; flags="--profile $PROFILE"; out="$PROFILE"; \
    for name in $BINS; do selection="$selection --bin $name"; done; \
    for name in $PACKAGES; do selection="$selection --package $name"; done; \
    if [ "$PROFILE" = dev ]; then out=debug; fi; \
    if [ -n "$TARGET" ]; then flags="$flags --target $TARGET"; out="$TARGET/$out"; fi; \
    printf 'SELECTION="%s"\nFLAGS="%s"\nOUT="%s"\nBINS="%s"\n' \
      "$selection" "$flags $CARGO_FLAGS" "/app/target/$out" "$BINS" >/app/build.env

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS builder
WORKDIR /app
COPY . .
ARG DEPCACHE_SERVER=""
ARG DEPCACHE_ALLOW_PLAINTEXT=""
# Members that are not selected leave Cargo.toml and Cargo.lock of this copy, or cargo would ask
# for their packages. No file's time is touched and target/ is no cache mount: either can make cargo
# take an old binary for a new one.
# hadolint ignore=SC1091,SC2086
RUN --mount=type=secret,id=depcache_token \
    set -eu; . /app/build.env; \
    if [ -n "$SELECTION" ]; then depcache-client prepare $SELECTION --narrow-in-place; fi; \
    if [ ! -e /app/cook.json ]; then \
      token=/run/secrets/depcache_token; \
      if [ -s "$token" ]; then export DEPCACHE_TOKEN_FILE="$token"; fi; \
      depcache-client cook $SELECTION $FLAGS --json >/app/cook.json; \
      cat /app/cook.json; \
    fi
# The same for every way: what is compiled from here on are members. In steps of their own, so that
# a build shows what it is busy with.
# hadolint ignore=SC1091,SC2086
RUN . /app/build.env; \
    cargo build $SELECTION $FLAGS --offline || { \
      echo "If packages are missing above, the base image is older than Cargo.lock: build it again." >&2; \
      exit 1; }
ARG RUNTIME
# hadolint ignore=SC1091
RUN set -eu; . /app/build.env; \
    mkdir -p /out/usr/local/bin; \
    if [ -n "$BINS" ]; then for name in $BINS; do cp "$OUT/$name" /out/usr/local/bin/; done; \
    else find "$OUT" -maxdepth 1 -type f -perm /111 ! -name '*.so' -exec cp {} /out/usr/local/bin/ \; ; fi; \
    strip /out/usr/local/bin/*; \
    for file in /out/usr/local/bin/*; do \
      readelf -l "$file" >/tmp/elf; \
      if [ "$RUNTIME" != distroless ] && grep -q INTERP /tmp/elf; then \
        echo "$file is no static binary and cannot run in '$RUNTIME': build with TARGET set" \
          "to a musl target, or to a glibc one with +crt-static (docs/docker.md)" >&2; \
        exit 1; \
      fi; \
    done; \
    mkdir -p /files/etc/ssl/certs /files/usr/share /files/tmp; \
    chmod 1777 /files/tmp; \
    cp /etc/ssl/certs/ca-certificates.crt /files/etc/ssl/certs/; \
    echo 'nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin' >/files/etc/passwd; \
    echo 'nonroot:x:65532:' >/files/etc/group

# hadolint ignore=DL3006
FROM ${DISTROLESS_IMAGE} AS runtime-distroless

FROM scratch AS runtime-scratch
COPY --from=builder /files /

# hadolint ignore=DL3006
FROM ${ALPINE_IMAGE} AS runtime-alpine
# hadolint ignore=DL3018
RUN apk add --no-cache ca-certificates tzdata

# hadolint ignore=DL3006
FROM runtime-${RUNTIME} AS runtime
COPY --from=builder /out /
ARG BUILD_VERSION=dev
ENV SERVICE_TYPE=backend \
    COORDINATOR_HOST=localhost \
    COORDINATOR_PORT=8083 \
    BACKEND_HOST=0.0.0.0 \
    BACKEND_PORT=8082 \
    BUILD_VERSION=${BUILD_VERSION}
ARG PORTS="8082 8083"
EXPOSE ${PORTS}
ARG RUN_USER=65532:65532
USER ${RUN_USER}
# Another workspace's command is given where it is started: `docker run IMAGE /usr/local/bin/NAME`.
CMD ["/usr/local/bin/backend", "0.0.0.0", "8082", "aws"]
