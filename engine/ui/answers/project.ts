import type { DashboardProject } from '../../contract/dashboard.js';
import type { Desk } from '../desk.js';

export async function answerProject({ site }: Desk): Promise<DashboardProject> {
  const { project, problem } = await site.files();
  return {
    version: 1,
    project: site.project.name,
    crosswalk: site.version,
    connections: site.connections,
    mappings: (project?.mappings ?? []).map(({ name, file, description, phase, tags, target }) => ({
      name,
      file,
      description,
      phase,
      tags,
      table: target.table.value,
    })),
    problem,
  };
}
