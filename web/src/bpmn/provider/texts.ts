/** Words of our own property groups. */
import { connectorTexts } from './connectorTexts';

export type Locale = 'zh' | 'en';

const texts = {
  site: ['办理机构', 'Acting site'],
  siteRole: ['本泳池的角色', 'Role of this pool'],
  siteMain: ['主办地', 'Main site'],
  sitePartner: ['协办地', 'Partner site'],
  siteSource: ['机构代码（可用 = 表达式）', 'Site code (or = expression)'],
  siteSourceHelp: ['例如 =application.moveInOrg', 'For example =application.moveInOrg'],
  performer: ['办理角色', 'Performer'],
  performerRole: ['角色', 'Role'],
  performerUnit: ['内设岗位（显示用）', 'Unit (shown to people)'],
  task: ['联办任务', 'Joint task'],
  form: ['表单', 'Form'],
  deadline: ['时限策略', 'Deadline policy'],
  deadlineHelp: ['按该机构工作日历计算，并按策略预警、催办、督办、会商', 'Working days of the acting site, with its escalation ladder'],
  stops: ['期间停表事由', 'Stops the clock for'],
  separation: ['不得与下列环节同一人办理', 'Not by the person who did'],
  separationHelp: ['填环节标识，多个用空格分开', 'Element ids, separated by blanks'],
  actions: ['任务按钮', 'Task actions'],
  actionValue: ['取值', 'Value'],
  actionName: ['名称', 'Name'],
  actionNameEn: ['英文名称', 'English name'],
  actionPrimary: ['主要按钮', 'Primary'],
  actionDanger: ['不利决定（需确认）', 'Adverse (asks to confirm)'],
  effects: ['办件效果', 'Effects on the case'],
  status: ['办件状态', 'Case status'],
  statusOn: ['状态生效时机', 'Status set'],
  onEnter: ['进入时', 'on entering'],
  onLeave: ['离开时', 'on leaving'],
  flag: ['标记', 'Flag'],
  clock: ['时钟', 'Clock'],
  clockReason: ['停表事由', 'Reason of stop'],
  clockOn: ['时钟动作时机', 'Clock acts'],
  clockReceive: ['收件', 'receive'],
  clockStart: ['开始计时', 'start'],
  clockStop: ['停表', 'stop'],
  clockResume: ['恢复计时', 'resume'],
  clockEnd: ['结束计时', 'end'],
  document: ['出具文书', 'Document issued'],
  documentOn: ['文书出具时机', 'Document issued'],
  supplement: ['一次性告知取自变量', 'One-time notice from variable'],
  noReturn: ['不可撤回点', 'Point of no return'],
  noReturnHelp: ['离开此环节后不能再直接撤件', 'No simple withdrawal once this was left'],
  plainText: ['给申请人看的话', 'What the applicant reads'],
  plainTextEn: ['英文', 'In English'],
  result: ['办结结果代码', 'Result code'],
  contract: ['数据契约：字段', 'Data contract: fields'],
  contractMaterials: ['数据契约：材料', 'Data contract: materials'],
  contractPath: ['字段路径', 'Field path'],
  contractName: ['名称', 'Name'],
  contractRequired: ['必填', 'Required'],
  materialCode: ['材料代码', 'Material code'],
  ...connectorTexts,
} as const satisfies Record<string, readonly [string, string]>;

export type PanelText = keyof typeof texts;

export function panelText(locale: Locale): (key: PanelText) => string {
  return (key) => texts[key][locale === 'zh' ? 0 : 1];
}
