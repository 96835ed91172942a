// The JavaScript client against a workspace: objects, patches, watches, informers, objects of any kind. KUBECONFIG names the workspace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromFile(process.env.KUBECONFIG);
const core = kc.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';
const path = '/api/v1/namespaces/default/configmaps';

const configMap = (name, data = { k: 'v' }, labels = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data });
const fails = (code, reason, call) => assert.rejects(call, (error) => {
  assert.equal(error.code, code, error.message);
  assert.equal((typeof error.body === 'string' ? JSON.parse(error.body) : error.body).reason, reason);
  return true;
});

// What was told, and a promise of the first that fits.
class Told {
  all = [];
  #waiting = [];
  tell(what) {
    this.all.push(what);
    this.#waiting = this.#waiting.filter((w) => !(w.fits(what) && (w.resolve(what), true)));
  }
  first(fits) {
    const there = this.all.find(fits);
    return there !== undefined ? Promise.resolve(there) : new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }
}

test('objects', async () => {
  const made = await core.createNamespacedConfigMap({ namespace, body: configMap('js-objects') });
  assert.deepEqual(made.data, { k: 'v' });
  assert.ok(made.metadata.creationTimestamp instanceof Date);
  await fails(409, 'AlreadyExists', core.createNamespacedConfigMap({ namespace, body: configMap('js-objects') }));
  made.data.k = 'w';
  const changed = await core.replaceNamespacedConfigMap({ namespace, name: 'js-objects', body: made });
  assert.notEqual(changed.metadata.resourceVersion, made.metadata.resourceVersion);
  await fails(409, 'Conflict', core.replaceNamespacedConfigMap({ namespace, name: 'js-objects', body: made }));
  assert.equal((await core.readNamespacedConfigMap({ namespace, name: 'js-objects' })).data.k, 'w');
  const gone = await core.deleteNamespacedConfigMap({ namespace, name: 'js-objects', propagationPolicy: 'Background' });
  assert.equal(gone.status, 'Success');
  await fails(404, 'NotFound', core.readNamespacedConfigMap({ namespace, name: 'js-objects' }));
  await fails(422, 'Invalid', core.createNamespacedConfigMap({ namespace, body: configMap('Not_A_Name') }));
  await fails(400, 'BadRequest', core.listNamespacedConfigMap({ namespace, labelSelector: '!!' }));
});

test('lists', async () => {
  for (let i = 0; i < 5; i++) await core.createNamespacedConfigMap({ namespace, body: configMap(`js-list-${i}`, {}, { js: 'list' }) });
  const names = [];
  let _continue;
  do {
    const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'js=list', limit: 2, _continue });
    names.push(...page.items.map((o) => o.metadata.name));
    ({ _continue } = page.metadata);
  } while (_continue);
  assert.deepEqual(names, [0, 1, 2, 3, 4].map((i) => `js-list-${i}`));
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'js=list' });
  assert.equal((await core.listNamespacedConfigMap({ namespace, labelSelector: 'js=list' })).items.length, 0);
});

test('patches', async () => {
  const name = 'js-patch';
  await core.createNamespacedConfigMap({ namespace, body: configMap(name) });
  const patch = (type, body, more = {}) => core.patchNamespacedConfigMap({ namespace, name, body, ...more }, k8s.setHeaderOptions('Content-Type', type));
  assert.deepEqual((await patch(k8s.PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/a', value: '1' }, { op: 'remove', path: '/data/k' }])).data, { a: '1' });
  assert.deepEqual((await patch(k8s.PatchStrategy.MergePatch, { data: { a: null, b: '2' } })).data, { b: '2' });
  assert.deepEqual((await patch(k8s.PatchStrategy.StrategicMergePatch, { data: { $patch: 'replace', c: '3' } })).data, { c: '3' });
  const applied = { ...configMap(name, { c: '4' }) };
  await assert.rejects(patch(k8s.PatchStrategy.ServerSideApply, applied, { fieldManager: 'js' }), /conflict with .* \.data\.c/s);
  const taken = await patch(k8s.PatchStrategy.ServerSideApply, applied, { fieldManager: 'js', force: true });
  assert.equal(taken.data.c, '4');
  assert.ok(taken.metadata.managedFields.some((f) => f.manager === 'js' && f.operation === 'Apply'));
});

test('watch', async () => {
  const told = new Told();
  const { resourceVersion } = (await core.listNamespacedConfigMap({ namespace })).metadata;
  let ended;
  const end = new Promise((resolve) => { ended = resolve; });
  const stream = await new k8s.Watch(kc).watch(path, { resourceVersion, labelSelector: 'js=watch', allowWatchBookmarks: true },
    (phase, object) => { if (phase !== 'BOOKMARK') told.tell(`${phase} ${object.data?.k}`); }, ended);
  await core.createNamespacedConfigMap({ namespace, body: configMap('js-watch', { k: '1' }, { js: 'watch' }) });
  await core.patchNamespacedConfigMap({ namespace, name: 'js-watch', body: { data: { k: '2' } } }, k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  await core.deleteNamespacedConfigMap({ namespace, name: 'js-watch' });
  await told.first((t) => t.startsWith('DELETED'));
  assert.deepEqual(told.all, ['ADDED 1', 'MODIFIED 2', 'DELETED 2']);
  stream.abort();
  await end;
});

test('informer', async () => {
  const labelSelector = 'js=informer';
  const label = { js: 'informer' };
  await core.createNamespacedConfigMap({ namespace, body: configMap('js-before', { k: '1' }, label) });
  const told = new Told();
  const informer = k8s.makeInformer(kc, path, () => core.listNamespacedConfigMap({ namespace, labelSelector }), labelSelector);
  for (const verb of [k8s.ADD, k8s.UPDATE, k8s.DELETE]) informer.on(verb, (o) => told.tell(`${verb} ${o.metadata.name} ${o.data.k}`));
  informer.on(k8s.ERROR, (error) => told.tell(`error ${error}`));
  await informer.start();
  await told.first((t) => t === 'add js-before 1');
  await core.createNamespacedConfigMap({ namespace, body: configMap('js-later', { k: '1' }, label) });
  await told.first((t) => t === 'add js-later 1');
  await core.patchNamespacedConfigMap({ namespace, name: 'js-later', body: { data: { k: '2' } } }, k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  await told.first((t) => t === 'update js-later 2');
  assert.deepEqual(informer.list(namespace).map((o) => o.metadata.name).sort(), ['js-before', 'js-later']);
  assert.equal(informer.get('js-later', namespace).data.k, '2');
  // What leaves the selector leaves the informer.
  await core.patchNamespacedConfigMap({ namespace, name: 'js-before', body: { metadata: { labels: { js: 'other' } } } },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  await told.first((t) => t.startsWith('delete js-before'));
  await core.deleteNamespacedConfigMap({ namespace, name: 'js-later' });
  await told.first((t) => t === 'delete js-later 2');
  assert.deepEqual(told.all.filter((t) => t.startsWith('error')), []);
  await informer.stop();
});

test('any kind', async () => {
  const any = k8s.KubernetesObjectApi.makeApiClient(kc);
  const wanted = k8s.loadAllYaml(`
apiVersion: v1
kind: Namespace
metadata: {name: js-any}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: js-any}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: tenancy.kcp.io/v1alpha1
kind: Workspace
metadata: {name: js-any}
`);
  for (const object of wanted) assert.ok((await any.create(object)).metadata.uid);
  const [ns, role, workspace] = wanted;
  const read = await any.read(role);
  assert.equal(read.rules[0].verbs[0], 'get');
  read.rules[0].verbs.push('list');
  assert.deepEqual((await any.replace(read)).rules[0].verbs, ['get', 'list']);
  const patched = await any.patch({ ...role, metadata: { ...role.metadata, labels: { a: 'b' } }, rules: undefined }, undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch);
  assert.equal(patched.metadata.labels.a, 'b');
  const applied = await any.patch(role, undefined, undefined, 'any', true, k8s.PatchStrategy.ServerSideApply);
  assert.deepEqual(applied.rules[0].verbs, ['get']);
  const roles = await any.list('rbac.authorization.k8s.io/v1', 'Role', 'js-any');
  assert.deepEqual(roles.items.map((o) => o.metadata.name), ['reader']);

  const told = new Told();
  const stream = await new k8s.Watch(kc).watch('/apis/tenancy.kcp.io/v1alpha1/workspaces', { fieldSelector: 'metadata.name=js-any' },
    (phase, object) => told.tell(`${phase} ${object.status?.phase}`), () => {});
  await told.first((t) => t.endsWith(' Ready'));
  await any.delete(workspace);
  await told.first((t) => t.startsWith('DELETED'));
  stream.abort();
  await any.delete(ns);
});
