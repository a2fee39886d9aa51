# The server's image:
#
#   cmake --build --preset release --target depcache-server
#   DOCKER_BUILDKIT=1 docker build -f deploy/server.Dockerfile -t depcache-server:latest .
#
# The context is the top level of this repository. Every setting is an environment variable
# (`docker run IMAGE --help` lists them); data are kept in the volume /data.
FROM debian:bookworm-slim AS libraries
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends binutils libgrpc++1.51 librocksdb7.8 libfmt9 \
      libprometheus-cpp-pull1.0 libspdlog1.10 libxxhash0 libzstd1 >/dev/null \
    && rm -rf /var/lib/apt/lists/*
ARG BINARY=build/release/bin/depcache-server
COPY --chmod=755 ${BINARY} /build/depcache-server
# The libraries which the binary names, but for those that distroless/cc has.
RUN mkdir -p /out/usr/local/bin /out/usr/local/lib/depcache /out/data; \
    strip -o /out/usr/local/bin/depcache-server /build/depcache-server; \
    if ldd /build/depcache-server | grep 'not found'; then exit 1; fi; \
    ldd /build/depcache-server | awk '/=> \// {print $3}' \
      | grep -Ev '/(libc|libm|libgcc_s|libstdc\+\+|libssl|libcrypto)\.so' \
      | xargs -I{} cp -L {} /out/usr/local/lib/depcache/; \
    chmod 755 /out/usr/local/bin/depcache-server; \
    chown 65532:65532 /out/data

# hadolint ignore=DL3006
FROM gcr.io/distroless/cc
COPY --from=libraries /out /
ENV LD_LIBRARY_PATH=/usr/local/lib/depcache \
    DEPCACHED_LISTEN=0.0.0.0:7450 \
    DEPCACHED_DATA=/data
USER 65532:65532
VOLUME /data
EXPOSE 7450
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["/usr/local/bin/depcache-server", "--check-health"]
ENTRYPOINT ["/usr/local/bin/depcache-server"]
