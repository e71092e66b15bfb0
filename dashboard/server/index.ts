export { buildDashboard } from "./buildDashboard.ts";
export { type Dashboard, type ServeDashboardOptions, serveDashboard } from "./serveDashboard.ts";
