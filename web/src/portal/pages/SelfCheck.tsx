import { useState, type ReactElement } from 'react';
import { useParams } from 'react-router';

import { labelled } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { Loading, Notice } from '../../shared/states';
import { useResource } from '../../case/resource';
import type { ItemDetail, SelfCheckQuestion } from '../../case/types';
import { itemPath, usePortalText } from '../text';
import { Button, LinkButton, PageTitle } from '../ui';

interface QuestionsProps {
  questions: SelfCheckQuestion[];
  answers: Record<string, string>;
  onAnswer: (id: string, answer: string) => void;
}

function Questions({ questions, answers, onAnswer }: QuestionsProps): ReactElement {
  return (
    <>
      {questions.map((question, index) => (
        <fieldset key={question.id} className="p-question">
          <legend>{index + 1}. {question.question}</legend>
          {question.options.map((option) => (
            <label key={option.value} className="p-choice">
              <input type="radio" name={question.id} checked={answers[question.id] === option.value} onChange={() => onAnswer(question.id, option.value)} />
              <span>{option.label}</span>
            </label>
          ))}
        </fieldset>
      ))}
    </>
  );
}

/** 导办自检: questions whose answers say whether to go on; nothing is stored. */
export function SelfCheck(): ReactElement {
  const { t, locale, pick } = usePortalText();
  const { code = '' } = useParams();
  const item = useResource<ItemDetail>(itemPath(code, locale));
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState(false);
  const base = `/items/${encodeURIComponent(code)}`;
  const questions = item.data?.selfCheck ?? [];
  const open = questions.filter((question) => !answers[question.id]).length;
  const failed = questions.filter((question) => question.failsWhen.includes(answers[question.id] ?? ''));
  const answer = (id: string, value: string): void => {
    setAnswers((old) => ({ ...old, [id]: value }));
    setAsked(false);
  };
  return (
    <>
      <PageTitle lead={t('check.lead')}>{item.data ? labelled(locale, t('check.title'), pick(item.data.name, item.data.nameEn)) : t('check.title')}</PageTitle>
      {item.error ? <ProblemNotice error={item.error} onRetry={item.reload} /> : null}
      {item.loading && !item.data ? <Loading rows={9} /> : null}
      {questions.length > 0 ? (
        <form className="p-form" onSubmit={(event) => { event.preventDefault(); setAsked(true); }}>
          <Questions questions={questions} answers={answers} onAnswer={answer} />
          <Button type="submit" kind="primary">{t('check.answer')}</Button>
        </form>
      ) : null}
      {asked && open > 0 ? <Notice tone="warn"><p>{t('check.unanswered', { n: open })}</p></Notice> : null}
      {asked && open === 0 && failed.length === 0 ? (
        <Notice tone="good">
          <p><strong>{t('check.pass')}</strong></p>
          <p>{t('check.passNext')}</p>
          <LinkButton to={`${base}/apply`}>{t('guide.apply')}</LinkButton>
        </Notice>
      ) : null}
      {asked && open === 0 && failed.length > 0 ? (
        <Notice tone="warn">
          <p><strong>{t('check.fail')}</strong></p>
          <ul className="p-list">{failed.map((question) => <li key={question.id}>{question.explanation}</li>)}</ul>
          <p>{t('check.failNext')}</p>
          <LinkButton to={`${base}/apply`} kind="plain">{t('check.anyway')}</LinkButton>
        </Notice>
      ) : null}
    </>
  );
}
