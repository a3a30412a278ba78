/** Sectors that have a name of their own: those of the plan's items, and supervision. A site may have another code. */
export const SECTORS = ['police', 'water', 'supervision', 'tax', 'housing-fund', 'human-resources', 'medical-insurance', 'transport', 'water-window'] as const;
