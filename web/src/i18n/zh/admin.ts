/** Words of the admin pages. `{name}` is replaced. */
const adminTexts = {
  'home.title': '首页',
} as const;

export default adminTexts;
