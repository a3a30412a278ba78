/** Chinese for the element types as the panel's header writes them: "Message Start Event (Non Interrupting)". */
const WHOLE: Record<string, string> = {
  Collaboration: '协作图',
  Process: '流程',
  Participant: '泳池',
  'Expanded Pool': '泳池',
  'Collapsed Pool': '折叠泳池',
  'Empty Pool': '空泳池',
  Lane: '泳道',
  Task: '任务',
  'User Task': '用户任务',
  'Service Task': '服务任务',
  'Script Task': '脚本任务',
  'Send Task': '发送任务',
  'Receive Task': '接收任务',
  'Manual Task': '手工任务',
  'Business Rule Task': '业务规则任务',
  'Call Activity': '调用活动',
  'Sub Process': '子流程',
  'Expanded Sub Process': '子流程',
  'Collapsed Sub Process': '折叠子流程',
  'Event Sub Process': '事件子流程',
  'Event Sub Process (Expanded)': '事件子流程',
  'Event Sub Process (Collapsed)': '折叠事件子流程',
  'Ad Hoc Sub Process': '特设子流程',
  Transaction: '事务子流程',
  'Exclusive Gateway': '排他网关',
  'Parallel Gateway': '并行网关',
  'Inclusive Gateway': '包容网关',
  'Complex Gateway': '复杂网关',
  'Event Based Gateway': '事件网关',
  'Sequence Flow': '顺序流',
  'Conditional Flow': '条件流',
  'Default Flow': '默认流',
  'Message Flow': '消息流',
  Association: '关联',
  'Data Object Reference': '数据对象',
  'Data Store Reference': '数据存储',
  'Data Input Association': '数据输入关联',
  'Data Output Association': '数据输出关联',
  'Data Input': '数据输入',
  'Data Output': '数据输出',
  Group: '分组',
  'Text Annotation': '文字注释',
};
const TRIGGER: Record<string, string> = {
  '': '',
  Message: '消息',
  Timer: '定时',
  Error: '错误',
  Escalation: '升级',
  Signal: '信号',
  Conditional: '条件',
  Link: '链接',
  Terminate: '终止',
  Cancel: '取消',
  Compensation: '补偿',
  Compensate: '补偿',
  Multiple: '多重',
};
const PLACE: Record<string, string> = {
  'Start Event': '开始事件',
  'End Event': '结束事件',
  'Boundary Event': '边界事件',
  'Intermediate Event': '中间事件',
  'Intermediate Catch Event': '中间捕获事件',
  'Intermediate Throw Event': '中间抛出事件',
};
const EVENT = /^(?:(\w+) )?((?:Start|End|Boundary|Intermediate|Intermediate Catch|Intermediate Throw) Event)( \(Non Interrupting\))?$/;

/** The Chinese of a type label, undefined when the text is none. */
export function elementTypeZh(label: string): string | undefined {
  const whole = WHOLE[label];
  if (whole !== undefined) return whole;
  const [, trigger = '', place = '', calm] = EVENT.exec(label) ?? [];
  const what = TRIGGER[trigger];
  const where = PLACE[place];
  if (what === undefined || where === undefined) return undefined;
  return `${what}${where}${calm === undefined ? '' : '（非中断）'}`;
}
