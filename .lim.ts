import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CompilationJob, CompilationTarget, ComponentArtifact, Framework, GreengrassComponent, ModelSource, TargetArch, TargetOs, Thing, ThingType } from '/tmp/h/r/lib';
const kinds: Record<string,(s:Stack,n:number)=>void> = {
 jobs:(stack,c)=>{const b=s3.Bucket.fromBucketName(stack,'M','m');for(let i=0;i<c;i++)new CompilationJob(stack,`Job${i}`,{model:ModelSource.fromBucket(b,'a.tar.gz'),framework:Framework.xgboost(),target:CompilationTarget.platform({os:TargetOs.LINUX,arch:TargetArch.X86_64})});},
 things:(stack,c)=>{const t=new ThingType(stack,'Type');for(let i=0;i<c;i++)new Thing(stack,`Thing${i}`,{thingName:`camera-${i}`,thingType:t});},
 components:(stack,c)=>{const b=s3.Bucket.fromBucketName(stack,'A','artifacts');for(let i=0;i<c;i++)new GreengrassComponent(stack,`Component${i}`,{artifactBucket:b,manifests:[{lifecycle:{run:{script:'true'}},artifacts:[ComponentArtifact.fromAsset('/tmp/h/r/LICENSE',{name:`a${i}`})]}]});},
};
for(const [k,make] of Object.entries(kinds)){let lo=5,hi=90;while(hi-lo>1){const m=(lo+hi)>>1;const s=new Stack(new App(),'Demo',{env:{account:'111122223333',region:'eu-west-1'}});make(s,m);let ok=true;try{Template.fromStack(s)}catch(e){ok=false;if(m<70&&k==='jobs')console.log(String(e).slice(0,400))}ok?lo=m:hi=m;}console.log(k,lo);}
