// @vitest-environment happy-dom
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ReactNode, useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { FormView, type FormViewProps } from '../src/forms/renderer';
import { withValue } from '../src/forms/renderer/data';
import type { FormSchema, JsonObject } from '../src/kernel';

const CONTEXT = { now: '2026-11-22T06:05:00Z' };
const schema: FormSchema = {
  components: [
    { id: 'name', type: 'textfield', key: 'name', label: '姓名', validate: { required: true }, properties: { 'lianban:type': 'personName', 'lianban:sensitive': 'name' } },
    { id: 'id', type: 'textfield', key: 'idNo', label: '公民身份号码', description: '18 位', properties: { 'lianban:type': 'idcard' } },
    { id: 'birth', type: 'datetime', subtype: 'date', key: 'birth', dateLabel: '出生日期', properties: { 'lianban:compute': '=idCardBirth(idNo)' } },
    { id: 'agent', type: 'checkbox', key: 'agent', label: '由他人代办' },
    { id: 'agentName', type: 'textfield', key: 'agentName', label: '代办人', conditional: { hide: '=agent != true' }, validate: { required: true } },
    { id: 'copies', type: 'number', key: 'copies', label: '份数' },
    {
      id: 'rows', type: 'dynamiclist', path: 'rows', label: '迁移人', properties: { 'lianban:itemLabel': '迁移人' },
      components: [{ id: 'rowName', type: 'textfield', key: 'name', label: '迁移人姓名', validate: { required: true } }],
    },
  ],
};

function Page(props: Partial<FormViewProps>): ReactNode {
  const [data, setData] = useState<JsonObject>(props.data ?? {});
  return <FormView schema={schema} context={CONTEXT} {...props} data={data} onChange={setData} />;
}

afterEach(cleanup);

describe('FormView', () => {
  it('computes while one types, and ties hint and error to the control', async () => {
    const user = userEvent.setup();
    render(<Page />);
    const input = screen.getByLabelText(/公民身份号码/);
    expect(input.getAttribute('aria-describedby')).toMatch(/-hint$/);
    await user.type(input, '532622201506010002');
    await user.tab();
    const error = screen.getByText('公民身份号码有误，请核对每一位');
    expect(input.getAttribute('aria-describedby')).toContain(error.id);
    expect(input.getAttribute('aria-invalid')).toBe('true');
    await user.clear(input);
    await user.type(input, '532622201506010001');
    expect(screen.getByText('2015年6月1日')).toBeTruthy();
    expect(input.getAttribute('aria-invalid')).toBeNull();
  });

  it('shows what a condition asks for, and leaves it out again', async () => {
    const user = userEvent.setup();
    const submitted = vi.fn();
    render(<Page data={{ name: '张三' }} onSubmit={submitted} />);
    expect(screen.queryByLabelText(/代办人/)).toBeNull();
    await user.click(screen.getByLabelText('由他人代办'));
    await user.type(screen.getByLabelText(/代办人/), '李四');
    await user.click(screen.getByLabelText('由他人代办'));
    await user.click(screen.getByRole('button', { name: '提交' }));
    expect(submitted).toHaveBeenCalledWith({ name: '张三', idNo: null, birth: null, agent: false, copies: null, rows: [] });
  });

  it('takes the focus to a summary of all errors, which leads to the fields', async () => {
    const user = userEvent.setup();
    const submitted = vi.fn();
    render(<Page onSubmit={submitted} />);
    await user.click(screen.getByRole('button', { name: '增加迁移人' }));
    await user.click(screen.getByRole('button', { name: '提交' }));
    const summary = screen.getByRole('alert');
    expect(document.activeElement).toBe(summary);
    expect(within(summary).getByRole('heading').textContent).toBe('有 2 处需要修改');
    await user.click(within(summary).getByRole('link', { name: /迁移人 1 · 迁移人姓名/ }));
    expect(document.activeElement).toBe(screen.getByLabelText(/迁移人姓名/));
    expect(submitted).not.toHaveBeenCalled();
  });

  it('adds and removes rows by keyboard with the focus in place', async () => {
    const user = userEvent.setup();
    render(<Page />);
    await user.click(screen.getByRole('button', { name: '增加迁移人' }));
    expect(document.activeElement).toBe(screen.getByRole('group', { name: '迁移人 1' }));
    await user.click(screen.getByRole('button', { name: '删除迁移人 1' }));
    expect(document.activeElement).toBe(screen.getByRole('button', { name: '增加迁移人' }));
  });

  it('keeps a number as a number and a wrong one as an error', async () => {
    const user = userEvent.setup();
    const submitted = vi.fn();
    render(<Page data={{ name: '张三' }} onSubmit={submitted} />);
    const input = screen.getByLabelText('份数');
    await user.type(input, '2.50');
    expect(input).toHaveProperty('value', '2.50');
    await user.click(screen.getByRole('button', { name: '提交' }));
    expect(submitted.mock.calls[0]?.[0]).toMatchObject({ copies: 2.5 });
    await user.type(input, 'x');
    await user.tab();
    expect(screen.getAllByText('请填写数字').length).toBeGreaterThan(0);
  });

  it('shows the errors of the server until the value changes', async () => {
    const user = userEvent.setup();
    const errors = [{ pointer: '/data/name', code: 'taken', message: '已有在办的申请', messageEn: 'There is one already' }];
    render(<Page data={{ name: '张三' }} errors={errors} />);
    expect(screen.getAllByText(/已有在办的申请/).length).toBe(2);
    await user.type(screen.getByLabelText(/^姓名/), '丰');
    expect(screen.queryByText(/已有在办的申请/)).toBeNull();
  });

  it('reads: values by name, personal ones masked unless whole', () => {
    const data = { name: '张三丰', agent: true, agentName: '李四', idNo: '532622201506010001' };
    const { unmount } = render(<Page data={data} readOnly />);
    expect(screen.getByText('张*丰')).toBeTruthy();
    expect(screen.getByText('2015年6月1日')).toBeTruthy();
    expect(screen.getByText('是')).toBeTruthy();
    unmount();
    render(<Page data={data} readOnly whole />);
    expect(screen.getByText('张三丰')).toBeTruthy();
  });

  it('says so when the form itself is broken', () => {
    render(<FormView schema={{ components: [{ id: 'x', type: 'textfield', key: 'x', conditional: { hide: '=a +' } }] }} data={{}} context={CONTEXT} />);
    expect(screen.getByRole('alert').textContent).toContain('表单暂时不能使用');
  });
});

describe('withValue', () => {
  it('changes a copy', () => {
    const data = { rows: [{ a: 1 }, { a: 2 }] };
    expect(withValue(data, '/rows/1/a', 3)).toEqual({ rows: [{ a: 1 }, { a: 3 }] });
    expect(withValue(data, '/rows/0/a', undefined)).toEqual({ rows: [{}, { a: 2 }] });
    expect(data).toEqual({ rows: [{ a: 1 }, { a: 2 }] });
  });
});
