/** ARNs as the service really gives them; the patterns of its published model are wrong for most. */
export class Arns {
  public constructor(private readonly place: { readonly partition: string; readonly region: string; readonly account: string }) {}

  public compilationJob(name: string): string {
    return this.of(`compilation-job/${name}`);
  }

  public edgePackagingJob(name: string): string {
    return this.of(`edge-packaging-job/${name}`);
  }

  public processingJob(name: string): string {
    return this.of(`processing-job/${name}`);
  }

  public trainingJob(name: string): string {
    return this.of(`training-job/${name}`);
  }

  public model(name: string): string {
    return this.of(`model/${name}`);
  }

  public endpointConfig(name: string): string {
    return this.of(`endpoint-config/${name}`);
  }

  public endpoint(name: string): string {
    return this.of(`endpoint/${name}`);
  }

  /** Of Studio and of MLflow: their kinds are many, and their ARNs of one form. */
  public studio(kind: string, name: string): string {
    return this.of(`${kind}/${name}`);
  }

  public deviceFleet(name: string): string {
    return this.of(`device-fleet/${name}`);
  }

  public device(fleet: string, name: string): string {
    return this.of(`device-fleet/${fleet}/device/${name}`);
  }

  public roleAlias(name: string): string {
    return this.of(`rolealias/${name}`, 'iot');
  }

  public component(name: string, version?: string): string {
    return this.of(`components:${name}${version === undefined ? '' : `:versions:${version}`}`, 'greengrass');
  }

  private of(resource: string, service = 'sagemaker'): string {
    const { partition, region, account } = this.place;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }
}
