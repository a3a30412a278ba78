// @vitest-environment happy-dom
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { locate } from '../src/bpmn/viewer/locate';
import { FindingsPanel } from '../src/designer/pages/FindingsPanel';
import type { Finding } from '../src/designer/types';

const finding = (elementId: string | null, severity: Finding['severity'] = 'error'): Finding => ({
  rule: 'rule', severity, elementId, line: 3, message: `错 ${elementId ?? ''}`, messageEn: `wrong ${elementId ?? ''}`, hint: '改', hintEn: 'change',
});

afterEach(cleanup);

describe('the list of findings', () => {
  it('shows errors first and of a long list the beginning', async () => {
    const many = [finding('w', 'warning'), ...Array.from({ length: 200 }, (_, n) => finding(`e${String(n)}`))];
    render(<FindingsPanel findings={many} stale={false} isDrawn={() => true} onSelect={vi.fn()} />);
    expect(screen.getAllByRole('listitem')).toHaveLength(50);
    await userEvent.click(screen.getByRole('button', { name: /201/ }));
    const rows = screen.getAllByRole('listitem');
    expect(rows).toHaveLength(201);
    expect(within(rows.at(-1) as HTMLElement).getByRole('button').textContent).toBe('w');
  });

  it('offers to show only what is on the diagram', async () => {
    const select = vi.fn();
    render(<FindingsPanel findings={[finding('task'), finding('loose')]} stale={false} isDrawn={(id) => id === 'task'} onSelect={select} />);
    expect(screen.getByText('loose').tagName).toBe('CODE');
    await userEvent.click(screen.getByRole('button', { name: 'task' }));
    expect(select).toHaveBeenCalledWith('task');
  });
});

describe('the place of a finding', () => {
  const shapes = [
    { id: 'task', businessObject: { id: 'task' } },
    { id: 'catch', businessObject: { id: 'catch', eventDefinitions: [{ id: 'd', messageRef: { id: 'm' } }] } },
    { id: 'ref', businessObject: { id: 'ref', dataObjectRef: { id: 'object' } } },
    { id: 'pool', businessObject: { id: 'pool', processRef: { id: 'process' } } },
  ];
  const registry = {
    get: (id: string) => shapes.find((shape) => shape.id === id),
    find: (test: (shape: (typeof shapes)[number]) => boolean) => shapes.find(test),
  };

  it.each([['task', 'task'], ['m', 'catch'], ['d', 'catch'], ['object', 'ref'], ['process', 'pool'], ['gone', null]])('of %s is %s', (id, place) => {
    expect(locate(registry, id)).toBe(place);
  });
});
