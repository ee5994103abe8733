#!/bin/bash
set -euo pipefail
if [ -z "${SSM_ModelName+x}" ]; then export SSM_ModelName="{{ ModelName }}"; fi
if [ -z "${SSM_Input+x}" ]; then export SSM_Input="{{ Input }}"; fi
if [ -z "${SSM_Tensor+x}" ]; then export SSM_Tensor="{{ Tensor }}"; fi
if [ -z "${SSM_Shape+x}" ]; then export SSM_Shape="{{ Shape }}"; fi
if [ -z "${SSM_Mean+x}" ]; then export SSM_Mean="{{ Mean }}"; fi
if [ -z "${SSM_Std+x}" ]; then export SSM_Std="{{ Std }}"; fi
if [ -z "${SSM_Fit+x}" ]; then export SSM_Fit="{{ Fit }}"; fi
if [ -z "${SSM_Decode+x}" ]; then export SSM_Decode="{{ Decode }}"; fi
if [ -z "${SSM_Labels+x}" ]; then export SSM_Labels="{{ Labels }}"; fi
if [ -z "${SSM_Boxes+x}" ]; then export SSM_Boxes="{{ Boxes }}"; fi
if [ -z "${SSM_Score+x}" ]; then export SSM_Score="{{ Score }}"; fi
if [ -z "${SSM_Top+x}" ]; then export SSM_Top="{{ Top }}"; fi
@CLIENT_SH@
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 0755 "$folder"
fetch() { aws s3api get-object --bucket "$EDGE_BUCKET" --key "$EDGE_INPUT_PREFIX$1" "$folder/$1" > /dev/null; chmod 0644 "$folder/$1"; }
fetch "$SSM_Input"
options=()
if [ -n "$SSM_Tensor" ]; then options+=(--input "$SSM_Tensor=$folder/$SSM_Input"); else options+=("$folder/$SSM_Input"); fi
option() { if [ -n "$2" ]; then options+=("$1=$2"); fi; }
option --shape "$SSM_Shape"
option --mean "$SSM_Mean"
option --std "$SSM_Std"
option --fit "$SSM_Fit"
option --decode "$SSM_Decode"
option --boxes "$SSM_Boxes"
option --score "$SSM_Score"
option --top "$SSM_Top"
if [ -n "$SSM_Labels" ]; then
  fetch "$SSM_Labels"
  if [ "$SSM_Decode" = ctc ]; then option --keys "$folder/$SSM_Labels"; else option --labels "$folder/$SSM_Labels"; fi
fi
client @OPERATION@ "$SSM_ModelName" "${options[@]}"
