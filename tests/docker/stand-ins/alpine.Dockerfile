# Stand-in for alpine:3.19, which is Debian underneath; see make-stand-in-images.sh.
FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends busybox procps wget >/dev/null \
    && rm -rf /var/lib/apt/lists/* /usr/sbin/adduser /usr/sbin/addgroup
COPY apk /sbin/apk
COPY busybox-user /usr/sbin/adduser
RUN ln -s adduser /usr/sbin/addgroup
CMD ["/bin/sh"]
