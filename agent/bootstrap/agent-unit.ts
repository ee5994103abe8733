import type { DevicePaths } from './paths';

export const AGENT_UNIT = 'sagemaker-edge-agent@';

export interface AgentUnitOptions {
  readonly paths: DevicePaths;
  /** Absolute path of Node. */
  readonly node: string;
  readonly user: string;
}

/**
 * The agent's unit, an instance of which is a generation. The agent needs the network, its folder and its socket:
 * nothing else of the machine. Without a route to the instance metadata it cannot take the machine's own rights for
 * its certificate's. After five starts in five minutes systemd gives up, and the bootstrap starts it again when that
 * time is over (systemd 252, which Amazon Linux 2023 has, knows no growing pauses).
 */
export function agentUnit({ paths, node, user }: AgentUnitOptions): string {
  const generation = `${paths.generations}/%i`;
  return `[Unit]
Description=SageMaker edge agent, generation %i
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=5min
StartLimitBurst=5

[Service]
Type=exec
User=${user}
Group=${user}
UMask=0007
WorkingDirectory=${paths.data}
ExecStart=${node} ${generation}/agent/agent.js -a ${paths.run}/%i.sock -c ${generation}/config.json
Restart=always
RestartSec=2s
TimeoutStopSec=90s
KillMode=mixed
Environment=NODE_ENV=production

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths=${paths.data} ${paths.run}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateIPC=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
IPAddressDeny=169.254.169.254/32 fd00:ec2::254/128
LimitCORE=0
`;
}
