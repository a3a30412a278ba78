/** Words of the staff pages. `{name}` is replaced. */
const staffTexts = {
  'home.title': '首页',
} as const;

export default staffTexts;
