import { createServer, type Server } from 'node:http';

/** As much of S3 as PutObject needs. */
export class S3Server {
  public static async start(): Promise<S3Server> {
    const s3 = new S3Server();
    await new Promise<void>((resolve) => {
      s3.server.listen(0, '127.0.0.1', resolve);
    });
    return s3;
  }

  public readonly objects = new Map<string, Buffer>();
  /** Keys in the order in which they arrived. */
  public readonly puts: string[] = [];
  /** `cut` ends connections, `error` answers 503, `forbid` 403, `silent` never answers. */
  public mode: 'serve' | 'cut' | 'error' | 'forbid' | 'silent' = 'serve';
  public attempts = 0;
  public authorization: string | undefined;
  public securityToken: string | string[] | undefined;

  private readonly server: Server = createServer((request, response) => {
    this.attempts += 1;
    if (this.mode === 'cut') {
      request.socket.destroy();
      return;
    }
    if (this.mode === 'silent') {
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (this.mode !== 'serve') {
        const code = this.mode === 'error' ? 'SlowDown' : 'AccessDenied';
        response.writeHead(this.mode === 'error' ? 503 : 403, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message>${code} here</Message></Error>`);
        return;
      }
      this.authorization = request.headers.authorization;
      this.securityToken = request.headers['x-amz-security-token'];
      const key = decodeURIComponent((request.url ?? '').replace(/^\/bucket\//, '').replace(/\?.*$/, ''));
      this.objects.set(key, Buffer.concat(chunks));
      this.puts.push(key);
      response.writeHead(200, { etag: '"0"' }).end();
    });
  });

  public get url(): string {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  /** Ends what is under way. */
  public cut(): void {
    this.server.closeAllConnections();
  }

  public async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  /** Ids of the captured records, in the order of the files' arrival. */
  public ids(): string[] {
    return [...new Set(this.puts.filter((key) => key.endsWith('.jsonl')))].flatMap((key) => idsIn(this.objects.get(key) ?? Buffer.alloc(0)));
  }
}

/** Ids of the records in a file. */
export function idsIn(file: Buffer): string[] {
  return [...file.toString('utf8').matchAll(/"eventId":"([^"]+)"/g)].map((match) => match[1] ?? '');
}

/** Captures go to the server by the environment's credentials. */
export function cloudSettings(s3: S3Server): { config: Record<string, unknown>; environment: NodeJS.ProcessEnv } {
  return {
    config: {
      sagemaker_edge_core_capture_data_destination: 'Cloud', sagemaker_edge_core_capture_data_disk_path: undefined,
      sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_provider_s3_bucket_name: 'bucket', sagemaker_edge_heartbeat_period_seconds: 0,
    },
    environment: { AWS_ENDPOINT_URL_S3: s3.url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  };
}
