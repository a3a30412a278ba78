import type zh from '../zh/contracts';

const contractTexts: Record<keyof typeof zh, string> = {
  'dc.title': 'Data contracts',
  'dc.intro': 'For each item: which fields, materials and documents may go to the other authority with which message. What is not listed never leaves.',
  'dc.empty': 'There is no data contract yet.',
  'dc.item': 'Item',
  'dc.version': 'Version {n}',
  'dc.basis': 'Legal basis',
  'dc.access': 'Partners may read on for',
  'dc.accessText': '{value} after their part was closed ({source}); then a masked summary only',
  'dc.message': 'Message',
  'dc.purpose': 'Purpose',
  'dc.field': 'Field',
  'dc.out': 'Lead → partner',
  'dc.in': 'Partner → lead',
  'dc.fields': 'Fields by direction',
  'dc.messages': 'Messages and what they are for',
  'dc.materials': 'Materials',
  'dc.documents': 'Documents (read by both)',
  'dc.withheld': 'Materials that never go to the partner',
  'dc.none': 'none',
  'dc.published': 'Published',
};

export default contractTexts;
