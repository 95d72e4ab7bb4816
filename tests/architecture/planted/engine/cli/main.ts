import '../../reports/dashboard/page.js';
export const main = 1;
