# The rust image with a rustc which counts; see counting-rustc.
ARG RUST_IMAGE=rust:1.95-slim-bookworm
# hadolint ignore=DL3006
FROM ${RUST_IMAGE}
COPY counting-rustc /usr/local/counting/rustc
RUN touch /var/log/rustc-runs
ENV PATH=/usr/local/counting:/usr/local/cargo/bin:/usr/local/rustup/toolchains/stand-in/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
