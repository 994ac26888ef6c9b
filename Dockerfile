# One image for every service: `docker run ... printer-system collector` runs `python -m collector`.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/runtime.lock requirements/runtime.lock
RUN python -m venv /opt/printers \
    && /opt/printers/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/runtime.lock
COPY pyproject.toml README.md ./
COPY core core
COPY simulator simulator
COPY collector collector
COPY processor processor
COPY notifier notifier
COPY dashboard dashboard
COPY console console
# What has built it is not needed to run it.
RUN /opt/printers/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/printers/bin/pip uninstall --yes editables hatchling pathspec pluggy tomlkit trove-classifiers \
    && /opt/printers/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.12-slim
RUN python -m pip uninstall --yes pip \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin printers \
    && install -d -o printers -g printers -m 0750 /data
COPY --from=build /opt/printers /opt/printers
ENV PATH=/opt/printers/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
USER printers
WORKDIR /data
VOLUME /data
ENTRYPOINT ["python", "-P", "-m"]
CMD ["console", "--help"]
