/** Words of the designer pages. `{name}` is replaced. */
const designerTexts = {
  'home.title': '首页',
} as const;

export default designerTexts;
