# One image for all our programs: the exporter, the enforcer, the red button, the simulator and `plimsoll`.
# Everything comes from the lock files, by hash; nothing is built on the way that they do not name.
FROM python:3.13.12-slim-trixie AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock requirements-build.lock ./
RUN python -m venv --without-pip /opt/plimsoll \
 && pip --python /opt/plimsoll install --require-hashes --requirement requirements.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --requirement requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY alertmanager alertmanager
COPY core core
COPY exporter exporter
COPY enforcer enforcer
COPY simulator simulator
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /build/dist . \
 && pip --python /opt/plimsoll install --no-deps --no-index dist/*.whl \
 && python -m compileall -q /opt/plimsoll/lib

FROM python:3.13.12-slim-trixie
# 10001 owns what our programs write and is the group that may read the tokens which `init` makes.
# A new named volume takes over owner and mode of the folder that it is mounted on, so these must be here.
RUN groupadd --gid 10001 plimsoll \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin plimsoll \
 && mkdir -p /plimsoll && cd /plimsoll \
 && mkdir -p exporter-data enforcer-data tokens alertmanager/rendered prometheus/rendered \
    all-tokens/alertmanager all-tokens/enforcer all-tokens/exporter all-tokens/grafana all-tokens/simulator \
 && chown -R 10001:10001 /plimsoll && chmod -R u=rwX,g=rX,o= /plimsoll && chmod 755 /plimsoll
COPY --from=build /opt/plimsoll /opt/plimsoll
# MPLCONFIGDIR: where an incident report's pictures keep their list of fonts; nothing else here can be written by all.
ENV PATH=/opt/plimsoll/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /plimsoll
USER 10001:10001
CMD ["plimsoll", "--help"]
