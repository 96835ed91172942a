"""An operator as people write them with kopf: it copies `data.input` of labelled ConfigMaps, counts, and cleans up before they go."""
import kopf


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_):
    settings.persistence.finalizer = "example.dev/kopf"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix="kopf.example.dev")
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix="kopf.example.dev")
    settings.watching.server_timeout = 60


@kopf.on.create("configmaps", labels={"kopf": "yes"})
def created(retry, patch, body, **_):
    if retry == 0:  # what goes wrong once is tried again: the progress is kept in the object's annotations
        raise kopf.TemporaryError("not yet", delay=0.1)
    patch.setdefault("data", {})["output"] = body["data"]["input"]
    kopf.info(body, reason="Copied", message="input is copied")


@kopf.on.update("configmaps", labels={"kopf": "yes"}, field="data.input")
def updated(old, new, patch, **_):
    patch.setdefault("data", {})["output"] = f"{old}, then {new}"


@kopf.on.resume("configmaps", labels={"kopf": "yes"})
def resumed(patch, **_):
    patch.setdefault("data", {})["resumed"] = "yes"


@kopf.on.delete("configmaps", labels={"kopf": "yes"})
def deleted(name, logger, **_):
    logger.info("cleaned up after %s", name)
