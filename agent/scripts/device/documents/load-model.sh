#!/bin/bash
set -euo pipefail
if [ -z "${SSM_ModelName+x}" ]; then export SSM_ModelName="{{ ModelName }}"; fi
@CLIENT_SH@
folder=$(/usr/bin/node-24 -p 'JSON.parse(fs.readFileSync("/var/lib/sagemaker-edge/current/generation.json", "utf8")).models.find(({ name }) => name === process.env.SSM_ModelName)?.folder ?? ""')
if [ -z "$folder" ]; then echo "the device has no model $SSM_ModelName" >&2; exit 1; fi
client LoadModel "$folder" "$SSM_ModelName"
