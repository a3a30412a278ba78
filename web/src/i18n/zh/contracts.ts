/** Words of the page of data contracts. `{name}` is replaced. */
const contractTexts = {
  'dc.title': '数据契约',
  'dc.intro': '每个事项列明：哪些字段、材料、文书可以随哪条消息传给对方机关。没有列出的，不会离开本机关。',
  'dc.empty': '还没有数据契约。',
  'dc.item': '事项',
  'dc.version': '第 {n} 版',
  'dc.basis': '依据',
  'dc.access': '协办机关可查阅期',
  'dc.accessText': '本方分办件办结后 {value}（{source}），之后只看脱敏摘要',
  'dc.message': '消息',
  'dc.purpose': '用途',
  'dc.field': '字段',
  'dc.out': '主办 → 协办',
  'dc.in': '协办 → 主办',
  'dc.fields': '字段与方向',
  'dc.messages': '消息与用途',
  'dc.materials': '材料',
  'dc.documents': '文书（双方可读）',
  'dc.withheld': '不会传给协办机关的材料',
  'dc.none': '无',
  'dc.published': '发布时间',
};

export default contractTexts;
