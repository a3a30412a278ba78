const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const xml = (text: string): string => text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);

/** A first decision model: one input, one table with one rule. Ids begin with the key, because decisions are called by id. */
export function newDecisions(key: string, name: string): string {
  const id = key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/" id="${id}Model" name="${xml(name)}" namespace="https://lianban.org/decisions/${key}">
  <inputData id="${id}Age" name="age"><variable id="${id}AgeVariable" name="age" typeRef="number" /></inputData>
  <decision id="${id}" name="${xml(name)}">
    <variable id="${id}Variable" name="${xml(name)}" typeRef="string" />
    <informationRequirement id="${id}Needs"><requiredInput href="#${id}Age" /></informationRequirement>
    <decisionTable id="${id}Table" hitPolicy="FIRST">
      <input id="${id}Input" label="年龄"><inputExpression id="${id}InputText" typeRef="number"><text>age</text></inputExpression></input>
      <output id="${id}Output" label="结果" name="result" typeRef="string" />
      <rule id="${id}Rule1"><inputEntry id="${id}Test1"><text>&lt; 18</text></inputEntry><outputEntry id="${id}Out1"><text>"未成年"</text></outputEntry></rule>
      <rule id="${id}Rule2"><inputEntry id="${id}Test2"><text></text></inputEntry><outputEntry id="${id}Out2"><text>"成年"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="${id}Diagram">
      <dmndi:DMNShape id="${id}Shape1" dmnElementRef="${id}"><dc:Bounds x="280" y="100" width="180" height="80" /></dmndi:DMNShape>
      <dmndi:DMNShape id="${id}Shape2" dmnElementRef="${id}Age"><dc:Bounds x="307" y="280" width="125" height="45" /></dmndi:DMNShape>
      <dmndi:DMNEdge id="${id}Edge" dmnElementRef="${id}Needs"><di:waypoint x="370" y="280" /><di:waypoint x="370" y="200" /><di:waypoint x="370" y="180" /></dmndi:DMNEdge>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
`;
}
