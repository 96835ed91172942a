# A namespace's worth of what the Kubernetes provider can make in a workspace. It would propose to remove the annotation that says which
# logical cluster an object is in, as it does against kcp: provider 1.13 cannot be told to ignore some annotations, so all are.
#
# Left out: kubernetes_service_account, which waits for a token Secret that Kubernetes has not made since 1.24, and kubernetes_manifest, which
# is not in this version of the provider.
terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

variable "kubeconfig" {}
variable "greeting" {
  default = "hello"
}

provider "kubernetes" {
  config_path = var.kubeconfig
}

resource "kubernetes_namespace" "apps" {
  metadata {
    name   = "apps"
    labels = { team = "a" }
  }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_config_map" "settings" {
  metadata {
    name      = "settings"
    namespace = kubernetes_namespace.apps.metadata[0].name
    labels    = { app = "web" }
  }
  data = {
    greeting = var.greeting
  }
  binary_data = { raw = base64encode("x") }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_secret" "password" {
  metadata {
    generate_name = "password-"
    namespace     = kubernetes_namespace.apps.metadata[0].name
  }
  data = { password = "p-${var.greeting}" }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_role" "reader" {
  metadata {
    name      = "reader"
    namespace = kubernetes_namespace.apps.metadata[0].name
  }
  rule {
    api_groups = [""]
    resources  = ["configmaps"]
    verbs      = ["get", "list", "watch"]
  }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_role_binding" "reader" {
  metadata {
    name      = "reader"
    namespace = kubernetes_namespace.apps.metadata[0].name
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role.reader.metadata[0].name
  }
  subject {
    kind      = "User"
    name      = "alice"
    api_group = "rbac.authorization.k8s.io"
  }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_cluster_role" "namespaces" {
  metadata { name = "namespaces" }
  rule {
    api_groups = [""]
    resources  = ["namespaces"]
    verbs      = ["get"]
  }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_cluster_role_binding" "namespaces" {
  metadata { name = "namespaces" }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.namespaces.metadata[0].name
  }
  subject {
    kind      = "Group"
    name      = "devs"
    api_group = "rbac.authorization.k8s.io"
  }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

resource "kubernetes_resource_quota" "few" {
  metadata {
    name      = "few"
    namespace = kubernetes_namespace.apps.metadata[0].name
  }
  spec { hard = { "count/configmaps" = "10" } }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

data "kubernetes_config_map" "ca" {
  metadata {
    name      = "kube-root-ca.crt"
    namespace = "default"
  }
}

output "ca" { value = length(data.kubernetes_config_map.ca.data["ca.crt"]) > 0 }
