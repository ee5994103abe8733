#!/bin/bash
set -euo pipefail
if [ -z "${SSM_ModelName+x}" ]; then export SSM_ModelName="{{ ModelName }}"; fi
if [ -z "${SSM_Input+x}" ]; then export SSM_Input="{{ Input }}"; fi
if [ -z "${SSM_Tensor+x}" ]; then export SSM_Tensor="{{ Tensor }}"; fi
if [ -z "${SSM_Shape+x}" ]; then export SSM_Shape="{{ Shape }}"; fi
if [ -z "${SSM_TextKeys+x}" ]; then export SSM_TextKeys="{{ TextKeys }}"; fi
@CLIENT_SH@
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 0755 "$folder"
fetch() { aws s3api get-object --bucket "$EDGE_BUCKET" --key "$EDGE_INPUT_PREFIX$1" "$folder/$1" > /dev/null; chmod 0644 "$folder/$1"; }
fetch "$SSM_Input"
options=()
if [ -n "$SSM_Tensor" ]; then options+=(--input "$SSM_Tensor=$folder/$SSM_Input"); else options+=("$folder/$SSM_Input"); fi
if [ -n "$SSM_Shape" ]; then options+=(--shape "$SSM_Shape"); fi
if [ -n "$SSM_TextKeys" ]; then fetch "$SSM_TextKeys"; options+=(--decode ctc --keys "$folder/$SSM_TextKeys"); fi
client @OPERATION@ "$SSM_ModelName" "${options[@]}"
