# shellcheck shell=sh
# What reads it gives and takes variables.
# shellcheck disable=SC2034,SC2154
# Read by supervise.sh and check.sh: loads the models into a running agent. Where that fails, it sets `problem` and `code`.
# Nucleus classic waits for all that holds the output of a step: the sleep of a supervisor that was killed must not.
nap() { sleep "$1" > /dev/null 2>&1 & wait $!; }
alive() { kill -0 "$agent" 2>/dev/null; }
fails() { code=$1; problem=$2; return 1; }
# The agent ends with 2 where it refuses its configuration.
ended() {
  wait "$agent"
  case $? in 2) fails 22 "the agent refuses its configuration: $(tail -n 1 agent.log)" ;; *) fails 23 "the agent ended at once: $(tail -n 1 agent.log)" ;; esac
}
# A package that was made elsewhere comes as it is.
unpacked() {
  case $2 in
    *.tar.gz) rm -rf "models/$1"; mkdir -p "models/$1" && tar -xzf "$2" -C "models/$1" && echo "$PWD/models/$1" ;;
    *) echo "$2" ;;
  esac
}
load() {
  end=$(($(date +%s) + EDGE_AGENT_START_SECONDS))
  until [ -S "$EDGE_AGENT_SOCKET" ]; do
    alive || { ended; return; }
    nap 0.2
  done
  rest=$EDGE_AGENT_MODELS
  while [ -n "$rest" ]; do
    entry=${rest%%|*}
    case $rest in *'|'*) rest=${rest#*|} ;; *) rest= ;; esac
    name=${entry%%=*}
    folder=$(unpacked "$name" "${entry#*=}") || { fails 24 "model $name cannot be unpacked: ${entry#*=}"; return; }
    left=$((end - $(date +%s)))
    [ "$left" -gt 0 ] || { fails 25 "the agent has not loaded its models within $EDGE_AGENT_START_SECONDS seconds: $name is next"; return; }
    words=$("$node" "$EDGE_AGENT_RELEASE/agent-client.js" -a "$EDGE_AGENT_SOCKET" --timeout "$left" LoadModel "$folder" "$name" 2>&1) || {
      [ "$(date +%s)" -lt "$end" ] || { fails 25 "the agent has not loaded its models within $EDGE_AGENT_START_SECONDS seconds: $name: $words"; return; }
      fails 24 "model $name cannot be loaded: $words"
      return
    }
  done
}
