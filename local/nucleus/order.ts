import type { Component } from './component';

/** Dependencies before those that need them. */
export function inOrder(components: readonly Component[]): Component[] {
  const byName = new Map(components.map((component) => [component.plan.name, component]));
  const ordered = new Set<Component>();
  const visiting = new Set<string>();
  const visit = (component: Component): void => {
    const { name, dependencies } = component.plan;
    if (ordered.has(component)) { return; }
    if (visiting.has(name)) { throw new Error(`components depend on each other in a circle at ${name}`); }
    visiting.add(name);
    for (const dependency of dependencies) {
      const other = byName.get(dependency.name);
      if (other) { visit(other); }
    }
    ordered.add(component);
  };
  components.forEach(visit);
  return [...ordered];
}

/** `names` and all that need one of them hard, directly or not: a change restarts these. */
export function dependentsOf(components: readonly Component[], names: readonly string[]): Set<string> {
  const touched = new Set(names);
  for (let before = -1; before !== touched.size;) {
    before = touched.size;
    for (const { plan } of components) {
      if (plan.dependencies.some(({ name, hard }) => hard && touched.has(name))) { touched.add(plan.name); }
    }
  }
  return touched;
}
