"""The Python client against a workspace: typed, dynamic, watches, every form of patch. KUBECONFIG names the workspace."""
import base64
import threading
import unittest

import yaml
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException

config.load_kube_config()
api_client = client.ApiClient()
core = client.CoreV1Api(api_client)

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


def config_map(name, data=None, **metadata):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, **metadata), data=data or {"k": "v"})


class Typed(unittest.TestCase):
    def fails(self, code, reason, call, *args, **kwargs):
        with self.assertRaises(ApiException) as raised:
            call(*args, **kwargs)
        self.assertEqual(raised.exception.status, code, raised.exception.body)
        self.assertIn(f'"reason":"{reason}"', raised.exception.body.replace(" ", ""))
        return raised.exception.body

    def test_objects(self):
        made = core.create_namespaced_config_map("default", config_map("py-objects"))
        self.assertEqual(made.data, {"k": "v"})
        self.assertTrue(made.metadata.uid)
        self.assertIsNotNone(made.metadata.creation_timestamp.tzinfo)
        self.fails(409, "AlreadyExists", core.create_namespaced_config_map, "default", config_map("py-objects"))

        made.data["k"] = "w"
        changed = core.replace_namespaced_config_map("py-objects", "default", made)
        self.assertNotEqual(changed.metadata.resource_version, made.metadata.resource_version)
        self.fails(409, "Conflict", core.replace_namespaced_config_map, "py-objects", "default", made)
        self.assertEqual(core.read_namespaced_config_map("py-objects", "default").data, {"k": "w"})

        tried = core.delete_namespaced_config_map("py-objects", "default", dry_run="All")
        self.assertEqual(tried["status"], "Success")
        wrong = client.V1Preconditions(uid="00000000-0000-0000-0000-000000000000")
        self.fails(409, "Conflict", core.delete_namespaced_config_map, "py-objects", "default",
                   body=client.V1DeleteOptions(preconditions=wrong))
        gone = core.delete_namespaced_config_map("py-objects", "default", body=client.V1DeleteOptions(propagation_policy="Background"))
        self.assertEqual((gone["status"], gone["details"]["uid"]), ("Success", made.metadata.uid))
        self.fails(404, "NotFound", core.read_namespaced_config_map, "py-objects", "default")
        body = self.fails(422, "Invalid", core.create_namespaced_config_map, "default", config_map("Not_A_Name"))
        self.assertIn("lowercase RFC 1123 subdomain", body)

    def test_secrets_and_validation(self):
        secret = client.V1Secret(metadata=client.V1ObjectMeta(generate_name="py-"), string_data={"password": "pä"})
        made = core.create_namespaced_secret("default", secret)
        self.assertRegex(made.metadata.name, "^py-[a-z0-9]{5}$")
        self.assertEqual(base64.b64decode(made.data["password"]).decode(), "pä")
        self.assertEqual(made.type, "Opaque")

        # The typed client lets nothing through that it does not know; a patch is free of form.
        patch = {"data": {"more": "eA=="}, "date": {}}
        body = self.fails(422, "Invalid", core.patch_namespaced_secret, made.metadata.name, "default", patch, field_validation="Strict", _content_type=MERGE)
        self.assertIn('unknown field \\"date\\"', body)
        told, code, headers = core.patch_namespaced_secret_with_http_info(made.metadata.name, "default", patch, field_validation="Warn", dry_run="All", _content_type=MERGE)
        self.assertEqual((code, told.data["more"]), (200, "eA=="))
        self.assertIn('unknown field "date"', headers["Warning"].replace('\\"', '"'))

    def test_lists(self):
        for i in range(7):
            core.create_namespaced_config_map("default", config_map(f"py-list-{i}", labels={"py": "list", "odd": str(i % 2)}))
        names, token = [], None
        while True:
            page = core.list_namespaced_config_map("default", label_selector="py=list", limit=3, _continue=token)
            names += [item.metadata.name for item in page.items]
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual(names, [f"py-list-{i}" for i in range(7)])
        odd = core.list_config_map_for_all_namespaces(label_selector="py in (list),odd!=0", field_selector="metadata.namespace=default")
        self.assertEqual([o.metadata.name for o in odd.items], ["py-list-1", "py-list-3", "py-list-5"])
        core.delete_collection_namespaced_config_map("default", label_selector="py=list,odd=1")
        self.assertEqual(len(core.list_namespaced_config_map("default", label_selector="py=list").items), 4)

    def test_patches(self):
        core.create_namespaced_config_map("default", config_map("py-patch", finalizers=["example.dev/a"]))
        patch = core.patch_namespaced_config_map
        merged = patch("py-patch", "default", {"data": {"merge": "1", "k": None}}, _content_type=MERGE)
        self.assertEqual(merged.data, {"merge": "1"})
        strategic = patch("py-patch", "default", {"metadata": {"finalizers": ["example.dev/b"]}}, _content_type=STRATEGIC)
        self.assertEqual(strategic.metadata.finalizers, ["example.dev/b", "example.dev/a"])
        strategic = patch("py-patch", "default", {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.dev/a", "example.dev/b"]}},
                          _content_type=STRATEGIC)
        self.assertIsNone(strategic.metadata.finalizers)
        edited = patch("py-patch", "default", [{"op": "test", "path": "/data/merge", "value": "1"}, {"op": "move", "from": "/data/merge", "path": "/data/moved"}],
                       _content_type=JSON_PATCH)
        self.assertEqual(edited.data, {"moved": "1"})
        self.fails(422, "Invalid", patch, "py-patch", "default", [{"op": "test", "path": "/data/moved", "value": "2"}], _content_type=JSON_PATCH)
        # Without a content type: what the client chooses by the body's type.
        self.assertEqual(patch("py-patch", "default", {"data": {"plain": "2"}}).data, {"moved": "1", "plain": "2"})
        self.assertEqual(patch("py-patch", "default", [{"op": "remove", "path": "/data/plain"}]).data, {"moved": "1"})

    def test_apply(self):
        def wanted(**data):
            return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "py-apply"}, "data": data}

        def apply(manager, force=None, **data):
            return core.patch_namespaced_config_map("py-apply", "default", wanted(**data), field_manager=manager, force=force, _content_type=APPLY)

        self.assertEqual(apply("one", a="1", b="1").data, {"a": "1", "b": "1"})
        body = self.fails(409, "Conflict", apply, "two", a="2")
        self.assertIn('conflict with \\"one\\": .data.a', body)
        self.assertEqual(apply("two", force=True, a="2").data, {"a": "2", "b": "1"})
        after = apply("one", c="3")
        self.assertEqual(after.data, {"a": "2", "c": "3"})
        owners = {entry.manager: sorted(entry.fields_v1["f:data"]) for entry in after.metadata.managed_fields}
        self.assertEqual(owners, {"one": ["f:c"], "two": ["f:a"]})
        same = apply("one", c="3")
        self.assertEqual(same.metadata.resource_version, after.metadata.resource_version)

    def test_namespaces_rbac_and_tokens(self):
        core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="py-rbac")))
        rbac = client.RbacAuthorizationV1Api(api_client)
        rule = client.V1PolicyRule(api_groups=[""], resources=["configmaps"], verbs=["get", "list"])
        rbac.create_namespaced_role("py-rbac", client.V1Role(metadata=client.V1ObjectMeta(name="reader"), rules=[rule]))
        core.create_namespaced_service_account("py-rbac", client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="robot")))
        rbac.create_namespaced_role_binding("py-rbac", client.V1RoleBinding(
            metadata=client.V1ObjectMeta(name="reader"), role_ref=client.V1RoleRef(api_group="rbac.authorization.k8s.io", kind="Role", name="reader"),
            subjects=[client.RbacV1Subject(kind="ServiceAccount", name="robot", namespace="py-rbac")]))
        request = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=600))
        token = core.create_namespaced_service_account_token("robot", "py-rbac", request)
        self.assertEqual(token.status.token.count("."), 2)
        review = client.AuthorizationV1Api(api_client).create_subject_access_review(client.V1SubjectAccessReview(spec=client.V1SubjectAccessReviewSpec(
            user="system:serviceaccount:py-rbac:robot", groups=["system:serviceaccounts", "system:authenticated"],
            resource_attributes=client.V1ResourceAttributes(namespace="py-rbac", verb="list", resource="configmaps"))))
        self.assertTrue(review.status.allowed, review.status)
        going = core.delete_namespace("py-rbac")
        for event in watch.Watch().stream(core.list_namespace, field_selector="metadata.name=py-rbac", timeout_seconds=60,
                                          resource_version=going["metadata"]["resourceVersion"]):
            if event["type"] == "DELETED":
                break
        self.fails(404, "NotFound", core.read_namespace, "py-rbac")

    def test_watch(self):
        start = core.list_namespaced_config_map("default").metadata.resource_version
        watcher, seen = watch.Watch(), []

        def follow():
            for event in watcher.stream(core.list_namespaced_config_map, "default", label_selector="py=watch", resource_version=start,
                                        allow_watch_bookmarks=True, timeout_seconds=60):
                if event["type"] == "BOOKMARK":
                    continue
                seen.append((event["type"], event["object"].data["k"]))
                if event["type"] == "DELETED":
                    watcher.stop()

        thread = threading.Thread(target=follow)
        thread.start()
        core.create_namespaced_config_map("default", config_map("py-watch", labels={"py": "watch"}))
        core.patch_namespaced_config_map("py-watch", "default", {"data": {"k": "w"}})
        core.delete_namespaced_config_map("py-watch", "default")
        thread.join()
        self.assertEqual(seen, [("ADDED", "v"), ("MODIFIED", "w"), ("DELETED", "w")])
        # A watch that ends by its time-out ends the stream without an error.
        self.assertEqual(list(watch.Watch().stream(core.list_namespaced_config_map, "default", resource_version=watcher.resource_version,
                                                   label_selector="py=none", timeout_seconds=1)), [])

    def test_manifests(self):
        text = """
apiVersion: v1
kind: ConfigMap
metadata: {name: py-yaml}
data: {k: "1"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: py-yaml}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
"""
        utils.create_from_yaml(api_client, yaml_objects=list(yaml.safe_load_all(text)), namespace="default")
        self.assertEqual(core.read_namespaced_config_map("py-yaml", "default").data, {"k": "1"})
        self.assertRegex(client.VersionApi(api_client).get_code().git_version, r"^v1\.\d+\.\d+")


class Dynamic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = dynamic.DynamicClient(api_client)

    def test_objects(self):
        maps = self.client.resources.get(api_version="v1", kind="ConfigMap")
        self.assertEqual((maps.name, maps.namespaced, maps.short_names), ("configmaps", True, ["cm"]))
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "dyn", "labels": {"dyn": "yes"}}, "data": {"a": "1"}}
        made = maps.create(body=body, namespace="default")
        self.assertEqual(made.data.a, "1")
        patched = maps.patch(body={"data": {"b": "2"}}, name="dyn", namespace="default", content_type=MERGE)
        self.assertEqual(patched.data.to_dict(), {"a": "1", "b": "2"})
        body["data"] = {"c": "3"}
        applied = maps.server_side_apply(body=body, name="dyn", namespace="default", field_manager="dyn", force_conflicts=True)
        self.assertEqual(applied.data.c, "3")
        replaced = maps.get(name="dyn", namespace="default").to_dict()
        replaced["data"] = {"d": "4"}
        self.assertEqual(maps.replace(body=replaced, namespace="default").data.to_dict(), {"d": "4"})
        self.assertEqual([o.metadata.name for o in maps.get(namespace="default", label_selector="dyn=yes").items], ["dyn"])
        maps.delete(name="dyn", namespace="default")
        with self.assertRaises(dynamic.exceptions.NotFoundError):
            maps.get(name="dyn", namespace="default")

    def test_discovery(self):
        self.client.resources.invalidate_cache()
        found = {(r.group, r.kind) for r in self.client.resources.search() if r.kind and not r.kind.endswith("List")}
        for want in [("", "Namespace"), ("rbac.authorization.k8s.io", "Role"), ("tenancy.kcp.io", "Workspace"), ("coordination.k8s.io", "Lease")]:
            self.assertIn(want, found)
        # Each of them can be asked for by its kind; a list of it, where it has one, is of that kind.
        for resource in self.client.resources.search():
            if getattr(resource, "verbs", None) and "list" in resource.verbs and not resource.kind.endswith("List"):
                self.assertEqual(resource.get(limit=1).kind, resource.kind + "List", resource)

    def test_workspace(self):
        workspaces = self.client.resources.get(api_version="tenancy.kcp.io/v1alpha1", kind="Workspace")
        workspaces.create(body={"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "py"}})
        phases = []
        for event in workspaces.watch(name="py", timeout=60):
            phases.append(event["object"].status.phase)
            if phases[-1] == "Ready":
                break
        self.assertEqual(phases[-1], "Ready", phases)
        workspaces.delete(name="py")


if __name__ == "__main__":
    unittest.main()
