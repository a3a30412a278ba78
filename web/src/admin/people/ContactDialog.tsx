import { Checkbox, Form, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { bracketed, listText, pickText } from '../../case/language';
import { useResource } from '../../case/resource';
import { useLanguage } from '../../i18n';
import { usePeopleText } from '../../i18n/people';
import { api } from '../../shared/api/client';
import { FormDialog } from '../FormDialog';
import { useAction } from '../useAction';

export type ContactRow = components['schemas']['ContactRow'];
type Person = components['schemas']['ContactPerson'];
type Body = components['schemas']['ContactBody'];

interface Props {
  /** The entry to change; without one, a new one. */
  entry: ContactRow | null;
  /** Sites whose entries the reader keeps, by id. */
  sites: Map<number, string>;
  onClose: () => void;
  onDone: () => void;
}

/** An entry of the contact book: the person and the deputy are chosen among the people of the site, so that notices reach their accounts. */
export function ContactDialog({ entry, sites, onClose, onDone }: Props): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const { run, problem } = useAction(true);
  const items = useResource<{ items: { code: string; name: string; nameEn: string }[] }>('/items');
  const start: Partial<Body> = entry ? { ...entry } : { itemCode: '', isPublic: true, ...(sites.size === 1 ? { siteId: [...sites.keys()][0] ?? 0 } : {}) };
  const save = (values: Partial<Body>): Promise<boolean> => {
    const { userId = null, deputyUserId = null, isPublic = false, ...rest } = values;
    return run(() => api.put('/admin/contacts', { ...rest, userId, deputyUserId, isPublic }), t('people.saved'));
  };
  return (
    <FormDialog<Partial<Body>>
      title={t(entry ? 'contacts.edit' : 'contacts.add')} okText={t('contacts.save')} start={start} problem={problem} onSave={save} onClose={onClose} onDone={onDone}
    >
      <Form.Item name="siteId" label={t('people.site')} rules={[{ required: true }]}>
        <Select disabled={entry !== null} options={[...sites].map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      <Form.Item name="itemCode" label={t('contacts.item')}>
        <Select
          disabled={entry !== null}
          options={[{ value: '', label: t('contacts.allItems') }, ...(items.data?.items ?? []).map((item) => ({ value: item.code, label: pickText(locale, item.name, item.nameEn) }))]}
        />
      </Form.Item>
      <Form.Item noStyle dependencies={['siteId']}>
        {({ getFieldValue }) => <People key={String(getFieldValue('siteId'))} siteId={getFieldValue('siteId') as number | undefined} />}
      </Form.Item>
      <Form.Item name="dutyTime" label={t('contacts.duty')} rules={[{ required: true }]}>
        <Input maxLength={120} />
      </Form.Item>
      <Form.Item name="isPublic" valuePropName="checked" extra={t('contacts.publicHint')}>
        <Checkbox>{t('contacts.public')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

/** Who: the contact and the deputy of one site. */
function People({ siteId }: { siteId: number | undefined }): ReactNode {
  const t = usePeopleText();
  const people = useResource<{ items: Person[] }>(siteId === undefined ? null : `/admin/contacts/people?siteId=${String(siteId)}`);
  const known = people.data?.items ?? [];
  return (
    <>
      <Who title={t('contacts.person')} fields={['userId', 'name', 'officePhone', 'mobile']} required known={known} />
      <Who title={t('contacts.deputy')} fields={['deputyUserId', 'deputyName', 'deputyPhone', 'deputyMobile']} required={false} known={known} />
    </>
  );
}

interface WhoProps {
  title: string;
  /** Names of the fields: account, name, office phone, mobile. */
  fields: [string, string, string, string];
  required: boolean;
  known: Person[];
}

function Who({ title, fields, required, known }: WhoProps): ReactNode {
  const t = usePeopleText();
  const { locale } = useLanguage();
  const form = Form.useFormInstance<Record<string, string | number | null | undefined>>();
  const [account, name, phone, mobile] = fields;
  const [chosen, setChosen] = useState<number | null>((form.getFieldValue(account) as number | null | undefined) ?? null);
  const choose = (id: number | undefined): void => {
    const person = known.find((each) => each.id === id);
    setChosen(id ?? null);
    form.setFieldsValue({ [account]: id ?? null, ...(person ? { [name]: person.name } : {}), ...(person?.officePhone ? { [phone]: person.officePhone } : {}) });
  };
  const options = known.map((person) => ({
    value: person.id,
    label: `${person.name}${bracketed(locale, person.login)} ${listText(locale, locale === 'zh' ? person.roleNames : person.roleNamesEn)}`,
  }));
  const gone = chosen !== null && known.length > 0 && !known.some((each) => each.id === chosen);
  return (
    <fieldset className="lb-who">
      <legend>{title}</legend>
      <Form.Item name={account} label={t('contacts.account')} extra={chosen === null ? t('contacts.noAccountHint') : gone ? t('contacts.goneHint') : undefined}>
        <Select
          allowClear showSearch={{ optionFilterProp: 'label' }} placeholder={t('contacts.accountSearch')} options={options} onChange={choose}
          notFoundContent={t('contacts.nobody')}
        />
      </Form.Item>
      <Form.Item name={name} label={t('contacts.name')} rules={[{ required }]}>
        <Input maxLength={60} disabled={chosen !== null && !gone} />
      </Form.Item>
      <Form.Item name={phone} label={t('contacts.phone')} rules={[{ required }]}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name={mobile} label={t('contacts.mobile')}>
        <Input maxLength={40} />
      </Form.Item>
    </fieldset>
  );
}
