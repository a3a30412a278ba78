/** The property group of a letter: to whom, subject, and a body with the case's fields in it. */
import { Group } from '@bpmn-io/properties-panel';

import { withField } from './connections';
import { inputField } from './connectors';
import { entry } from './entries';
import type { Entry } from './entries';
import type { DiagramElement } from './extensions';
import type { Panel, PanelGroup } from './groups';
import { readInput, writeInput } from './serviceTask';
import type { PanelText } from './texts';

const FIELDS: [string, PanelText][] = [
  ['caseInfo.caseNo', 'mailFieldCase'],
  ['caseInfo.collabNo', 'mailFieldCollab'],
  ['site.name', 'mailFieldSite'],
  ['site.phone', 'mailFieldPhone'],
  ['performer.name', 'mailFieldPerson'],
];

export function mailGroup(panel: Panel, element: DiagramElement): PanelGroup {
  const { say } = panel;
  const needed = (value: string): string | undefined => (value.trim() === '' ? say('mailMissing') : undefined);
  return {
    id: 'lianban-mail',
    label: say('mail'),
    component: Group,
    shouldOpen: true,
    entries: [
      toChoice(panel, element),
      inputField(panel, 'to', 'mailTo', { feel: 'optional', description: say('mailToHelp'), validate: needed }),
      inputField(panel, 'subject', 'mailSubject', { feel: 'optional', validate: needed }),
      inputField(panel, 'body', 'mailBody', { feel: 'optional', area: true, description: say('mailBodyHelp'), validate: needed }),
      fieldEntry(panel),
    ],
  };
}

function toChoice(panel: Panel, element: DiagramElement): Entry {
  const choices = [{ value: 'applicant', label: panel.say('mailApplicant') }, ...panel.catalog.roles];
  const isUsual = choices.some((choice) => choice.value === readInput(element, 'to'));
  return entry({
    id: 'lianban-mail-choice',
    label: panel.say('mailChoice'),
    choices,
    read: (at) => (isUsual ? readInput(at, 'to') : ''),
    write: (at, value) => {
      if (typeof value === 'string') writeInput(panel.services, at, 'to', value);
    },
  });
}

function fieldEntry(panel: Panel): Entry {
  return entry({
    id: 'lianban-mail-field',
    label: panel.say('mailField'),
    choices: FIELDS.map(([value, label]) => ({ value, label: panel.say(label) })),
    read: () => '',
    write: (element, value) => {
      if (typeof value === 'string') writeInput(panel.services, element, 'body', withField(readInput(element, 'body') ?? '', value));
    },
  });
}
