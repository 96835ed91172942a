// fabric8's client against a workspace: objects, patches, server-side apply, WebSocket watches, informers, leader election on a Lease, any kind.
// KUBECONFIG names the workspace. Says what went well; ends with 1 and a stack trace at the first difference.

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

public class Client {
  static final String NAMESPACE = "default";

  interface Scenario {
    void run(KubernetesClient client) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Scenario> scenarios = new LinkedHashMap<>();
    scenarios.put("objects", Client::objects);
    scenarios.put("lists", Client::lists);
    scenarios.put("patches", Client::patches);
    scenarios.put("apply", Client::apply);
    scenarios.put("watch", Client::watch);
    scenarios.put("informer", Client::informer);
    scenarios.put("leader election", Client::leaderElection);
    scenarios.put("any kind", Client::anyKind);
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      for (var scenario : scenarios.entrySet()) {
        scenario.getValue().run(client);
        System.out.println("ok " + scenario.getKey());
      }
    } catch (Throwable error) {
      error.printStackTrace();
      System.exit(1); // a client's own threads must not keep a failed run alive
    }
  }

  static void equal(Object want, Object got) {
    if (!Objects.equals(want, got)) throw new AssertionError("wanted " + want + ", got " + got);
  }

  static void fails(int code, String reason, Runnable call) {
    try {
      call.run();
    } catch (KubernetesClientException e) {
      equal(code, e.getCode());
      equal(reason, e.getStatus().getReason());
      return;
    }
    throw new AssertionError("succeeds, wanted " + code + " " + reason);
  }

  // The next thing that was told must be this.
  static void next(BlockingQueue<String> told, String want) throws InterruptedException {
    equal(want, told.poll(60, TimeUnit.SECONDS));
  }

  static ConfigMap configMap(String name, Map<String, String> labels, Map<String, String> data) {
    return new ConfigMapBuilder().withNewMetadata().withName(name).withNamespace(NAMESPACE).withLabels(labels).endMetadata().withData(data).build();
  }

  static ConfigMap configMap(String name, Map<String, String> data) {
    return configMap(name, Map.of(), data);
  }

  static void objects(KubernetesClient client) {
    var maps = client.configMaps().inNamespace(NAMESPACE);
    ConfigMap made = maps.resource(configMap("java-objects", Map.of("k", "v"))).create();
    equal(Map.of("k", "v"), made.getData());
    fails(409, "AlreadyExists", () -> maps.resource(configMap("java-objects", Map.of())).create());
    ConfigMap changed = maps.resource(new ConfigMapBuilder(made).addToData("k", "w").build()).update();
    equal("w", changed.getData().get("k"));
    fails(409, "Conflict", () -> maps.resource(new ConfigMapBuilder(made).addToData("k", "x").build()).lockResourceVersion().update());
    equal("y", maps.withName("java-objects").edit(o -> new ConfigMapBuilder(o).addToData("k", "y").build()).getData().get("k"));
    fails(422, "Invalid", () -> maps.resource(configMap("Not_A_Name", Map.of())).create());
    equal(1, maps.withName("java-objects").delete().size());
    equal(null, maps.withName("java-objects").get());
    equal(true, client.getKubernetesVersion().getGitVersion().startsWith("v1."));
  }

  static void lists(KubernetesClient client) {
    var maps = client.configMaps().inNamespace(NAMESPACE);
    for (int i = 0; i < 5; i++) maps.resource(configMap("java-list-" + i, Map.of("java", "list", "i", "" + i), Map.of())).create();
    equal(5, maps.withLabel("java", "list").list().getItems().size());
    equal(3, maps.withLabel("java", "list").withLabelNotIn("i", "0", "1").list().getItems().size());
    equal(1, client.configMaps().inAnyNamespace().withField("metadata.name", "java-list-2").list().getItems().size());
    var page = maps.withLabel("java", "list").list(new ListOptionsBuilder().withLimit(2L).build());
    equal(2, page.getItems().size());
    equal(false, page.getMetadata().getContinue().isEmpty());
    equal(5, maps.withLabel("java", "list").delete().size());
  }

  static void patches(KubernetesClient client) {
    var maps = client.configMaps().inNamespace(NAMESPACE);
    maps.resource(configMap("java-patch", Map.of("k", "v"))).create();
    var one = maps.withName("java-patch");
    equal(Map.of("k", "v", "a", "1"), one.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"add\",\"path\":\"/data/a\",\"value\":\"1\"}]").getData());
    equal(Map.of("a", "2"), one.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"k\":null,\"a\":\"2\"}}").getData());
    equal(Map.of("b", "3"), one.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"$patch\":\"replace\",\"b\":\"3\"}}").getData());
    fails(422, "Invalid", () -> one.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"test\",\"path\":\"/data/b\",\"value\":\"no\"}]"));
  }

  static void apply(KubernetesClient client) {
    ConfigMap first = client.resource(configMap("java-apply", Map.of("a", "1", "b", "1"))).fieldManager("one").serverSideApply();
    equal(Map.of("a", "1", "b", "1"), first.getData());
    fails(409, "Conflict", () -> client.resource(configMap("java-apply", Map.of("a", "2"))).fieldManager("two").serverSideApply());
    equal(Map.of("a", "2", "b", "1"), client.resource(configMap("java-apply", Map.of("a", "2"))).fieldManager("two").forceConflicts().serverSideApply().getData());
    ConfigMap last = client.resource(configMap("java-apply", Map.of("c", "3"))).fieldManager("one").serverSideApply();
    equal(Map.of("a", "2", "c", "3"), last.getData());
    equal(List.of("one", "two"), last.getMetadata().getManagedFields().stream().map(ManagedFieldsEntry::getManager).sorted().toList());
  }

  // fabric8 asks for an upgrade to WebSocket; what starts this program looks into its log for the answer.
  static void watch(KubernetesClient client) throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    var maps = client.configMaps().inNamespace(NAMESPACE);
    Watch watch = maps.withLabel("java", "watch").watch(new Watcher<ConfigMap>() {
      @Override
      public void eventReceived(Action action, ConfigMap object) {
        told.add(action + " " + object.getData().get("k"));
      }

      @Override
      public void onClose(WatcherException cause) {
        told.add("closed by " + cause);
      }

      @Override
      public void onClose() {
        told.add("closed");
      }
    });
    maps.resource(configMap("java-watch", Map.of("java", "watch"), Map.of("k", "1"))).create();
    next(told, "ADDED 1");
    maps.withName("java-watch").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"k\":\"2\"}}");
    next(told, "MODIFIED 2");
    maps.withName("java-watch").delete();
    next(told, "DELETED 2");
    watch.close();
    next(told, "closed");
  }

  static void informer(KubernetesClient client) throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    var maps = client.configMaps().inNamespace(NAMESPACE);
    maps.resource(configMap("java-before", Map.of("java", "informer"), Map.of("k", "1"))).create();
    try (SharedIndexInformer<ConfigMap> informer = maps.withLabel("java", "informer").inform(new ResourceEventHandler<ConfigMap>() {
      @Override
      public void onAdd(ConfigMap o) {
        told.add("add " + o.getMetadata().getName());
      }

      @Override
      public void onUpdate(ConfigMap before, ConfigMap o) {
        told.add("update " + o.getMetadata().getName() + " " + before.getData().get("k") + " " + o.getData().get("k"));
      }

      @Override
      public void onDelete(ConfigMap o, boolean unknown) {
        told.add("delete " + o.getMetadata().getName());
      }
    })) {
      next(told, "add java-before");
      equal(true, informer.hasSynced());
      maps.resource(configMap("java-later", Map.of("java", "informer"), Map.of("k", "1"))).create();
      next(told, "add java-later");
      maps.withName("java-later").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"k\":\"2\"}}");
      next(told, "update java-later 1 2");
      maps.withName("java-later").delete();
      next(told, "delete java-later");
      equal(1, informer.getIndexer().list().size());
    }
  }

  // The second leads when the first has let go of the Lease.
  static void leaderElection(KubernetesClient client) throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    List<CompletableFuture<?>> running = new ArrayList<>();
    for (String who : List.of("first", "second")) {
      var callbacks = new LeaderCallbacks(() -> told.add(who + " leads"), () -> {}, leader -> {});
      var config = new LeaderElectionConfig(new LeaseLock(NAMESPACE, "java-lease", who), Duration.ofSeconds(6), Duration.ofSeconds(4), Duration.ofMillis(200),
          callbacks, true, "java");
      running.add(client.leaderElector().withConfig(config).build().start());
      if (who.equals("first")) next(told, "first leads");
    }
    Lease lease = client.leases().inNamespace(NAMESPACE).withName("java-lease").get();
    equal("first", lease.getSpec().getHolderIdentity());
    running.get(0).cancel(true);
    next(told, "second leads");
    equal("second", client.leases().inNamespace(NAMESPACE).withName("java-lease").get().getSpec().getHolderIdentity());
    running.get(1).cancel(true);
  }

  static void anyKind(KubernetesClient client) throws Exception {
    client.resource(new NamespaceBuilder().withNewMetadata().withName("java-any").endMetadata().build()).create();
    Role role = client.resource(new RoleBuilder().withNewMetadata().withName("reader").withNamespace("java-any").endMetadata()
        .addNewRule().withApiGroups("").withResources("configmaps").withVerbs("get").endRule().build()).create();
    equal(List.of("get"), role.getRules().get(0).getVerbs());
    var workspaces = client.genericKubernetesResources(new ResourceDefinitionContext.Builder().withGroup("tenancy.kcp.io").withVersion("v1alpha1")
        .withKind("Workspace").withPlural("workspaces").withNamespaced(false).build());
    GenericKubernetesResource workspace = client.genericKubernetesResources("tenancy.kcp.io/v1alpha1", "Workspace").load(new ByteArrayInputStream(
        "{\"apiVersion\":\"tenancy.kcp.io/v1alpha1\",\"kind\":\"Workspace\",\"metadata\":{\"name\":\"java-any\"}}".getBytes())).create();
    equal("java-any", workspace.getMetadata().getName());
    GenericKubernetesResource ready = workspaces.withName("java-any").waitUntilCondition(o -> o != null && "Ready".equals(o.get("status", "phase")), 60, TimeUnit.SECONDS);
    equal("Ready", ready.get("status", "phase"));
    workspaces.withName("java-any").delete();
    client.namespaces().withName("java-any").delete();
    client.namespaces().withName("java-any").waitUntilCondition(Objects::isNull, 60, TimeUnit.SECONDS);
  }
}
