{{/* The prefix of every object's name, short enough that shard and pod suffixes fit. */}}
{{- define "atoll.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 30 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 30 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels that select a component's pods. Takes (dict "root" $ "component" "shard" "shard" "root-or-empty"). */}}
{{- define "atoll.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .shard }}
atoll.dev/shard: {{ . }}
{{- end }}
{{- end -}}

{{- define "atoll.labels" -}}
{{ include "atoll.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "atoll.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where users find the fleet. */}}
{{- define "atoll.externalURL" -}}
https://{{ .Values.externalHostname }}{{ if ne (int .Values.externalPort) 443 }}:{{ .Values.externalPort }}{{ end }}
{{- end -}}

{{/* A service's name inside the cluster. Takes (dict "root" $ "service" name). */}}
{{- define "atoll.host" -}}
{{ .service }}.{{ .root.Release.Namespace }}.svc
{{- end -}}

{{- define "atoll.tokenSecret" -}}
{{- if eq .Values.authentication.mode "existing" -}}{{ .Values.authentication.existingTokenSecret }}{{- else -}}{{ include "atoll.fullname" . }}-tokens{{- end -}}
{{- end -}}

{{/* The Secret with one process's certificates. Takes (dict "root" $ "component" c "shard" s). */}}
{{- define "atoll.certificateSecret" -}}
{{- $c := .root.Values.certificates -}}
{{- if eq $c.mode "existing" -}}
  {{- if eq .component "front-proxy" -}}{{ $c.existing.frontProxySecret }}
  {{- else if eq .component "cache-server" -}}{{ $c.existing.cacheServerSecret }}
  {{- else -}}{{ get $c.existing.shardSecrets .shard | required (printf "certificates.existing.shardSecrets: no Secret for shard %q" .shard) }}
  {{- end -}}
{{- else -}}
{{ include "atoll.fullname" .root }}-{{ .component }}{{ with .shard }}-{{ . }}{{ end }}-certificates
{{- end -}}
{{- end -}}

{{/* The names that a process's certificates carry, with commas. Takes the same. */}}
{{- define "atoll.certificateNames" -}}
{{- $service := printf "%s-%s" (include "atoll.fullname" .root) .component -}}
{{- if .shard }}{{ $service = printf "%s-%s" $service .shard }}{{ end -}}
{{- $names := list $service (printf "%s.%s" $service .root.Release.Namespace) (printf "%s.%s.svc" $service .root.Release.Namespace) (printf "%s.%s.svc.cluster.local" $service .root.Release.Namespace) "localhost" -}}
{{- if eq .component "front-proxy" }}{{ $names = append $names .root.Values.externalHostname }}{{ end -}}
{{- join "," $names -}}
{{- end -}}

{{/* Changes exactly when builtin certificates are made anew, and then restarts the pods. */}}
{{- define "atoll.certificateStamp" -}}
{{- printf "%s/%v/%v" (include "atoll.certificateNames" .) .root.Values.certificates.validityDays .root.Values.certificates.generation | sha256sum | trunc 16 -}}
{{- end -}}

{{/* Pods run as the restricted Pod Security Standard wants it. */}}
{{- define "atoll.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "atoll.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Slow starts get two minutes; a stuck process is restarted, a busy one only loses its traffic. */}}
{{- define "atoll.probes" -}}
startupProbe:
  httpGet: {path: /livez, port: https, scheme: HTTPS}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /livez, port: https, scheme: HTTPS}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: https, scheme: HTTPS}
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{/* What all pods share. Takes the same dict plus "nodeSelector". */}}
{{- define "atoll.podCommon" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 30
securityContext:
  {{- include "atoll.podSecurityContext" . | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
