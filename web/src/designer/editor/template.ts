/** What a new model starts with: two pools that talk, so that the joint work is there from the first minute. */
export function newModel(key: string, name: string): string {
  const title = name.replace(/[<>&"]/g, '');
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lianban="https://lianban.org/schema/bpmn/1.0" id="definitions_${key}" targetNamespace="https://lianban.org/models/${key}">
  <bpmn:collaboration id="collaboration">
    <bpmn:participant id="main" name="主办地：${title}" processRef="mainProcess">
      <bpmn:extensionElements><lianban:site role="main" source="=application.mainSite" /></bpmn:extensionElements>
    </bpmn:participant>
    <bpmn:participant id="partner" name="协办地：${title}" processRef="partnerProcess">
      <bpmn:extensionElements><lianban:site role="partner" source="=partnerSite" /></bpmn:extensionElements>
    </bpmn:participant>
    <bpmn:messageFlow id="flowRequest" name="协查请求" sourceRef="sendRequest" targetRef="partnerStart" />
    <bpmn:messageFlow id="flowReply" name="协查结果" sourceRef="partnerEnd" targetRef="waitReply" />
  </bpmn:collaboration>
  <bpmn:message id="messageRequest" name="COLLAB_REQUEST" />
  <bpmn:message id="messageReply" name="COLLAB_REPLY" />
  <bpmn:process id="mainProcess" name="${title}（主办地）" isExecutable="true">
    <bpmn:startEvent id="start" name="收到申请"><bpmn:outgoing>toSend</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="toSend" sourceRef="start" targetRef="sendRequest" />
    <bpmn:intermediateThrowEvent id="sendRequest" name="发出协查请求"><bpmn:incoming>toSend</bpmn:incoming><bpmn:outgoing>toWait</bpmn:outgoing><bpmn:messageEventDefinition id="sendRequestDefinition" messageRef="messageRequest" /></bpmn:intermediateThrowEvent>
    <bpmn:sequenceFlow id="toWait" sourceRef="sendRequest" targetRef="waitReply" />
    <bpmn:intermediateCatchEvent id="waitReply" name="等待协查结果"><bpmn:incoming>toWait</bpmn:incoming><bpmn:outgoing>toEnd</bpmn:outgoing><bpmn:messageEventDefinition id="waitReplyDefinition" messageRef="messageReply" /></bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="toEnd" sourceRef="waitReply" targetRef="end" />
    <bpmn:endEvent id="end" name="办结"><bpmn:incoming>toEnd</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
  <bpmn:process id="partnerProcess" name="${title}（协办地）" isExecutable="true">
    <bpmn:startEvent id="partnerStart" name="收到协查请求"><bpmn:outgoing>partnerToEnd</bpmn:outgoing><bpmn:messageEventDefinition id="partnerStartDefinition" messageRef="messageRequest" /></bpmn:startEvent>
    <bpmn:sequenceFlow id="partnerToEnd" sourceRef="partnerStart" targetRef="partnerEnd" />
    <bpmn:endEvent id="partnerEnd" name="发出协查结果"><bpmn:incoming>partnerToEnd</bpmn:incoming><bpmn:messageEventDefinition id="partnerEndDefinition" messageRef="messageReply" /></bpmn:endEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="collaboration">
      <bpmndi:BPMNShape id="main_di" bpmnElement="main" isHorizontal="true"><dc:Bounds x="160" y="80" width="760" height="220" /></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="start_di" bpmnElement="start"><dc:Bounds x="242" y="172" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="210" y="148" width="100" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="sendRequest_di" bpmnElement="sendRequest"><dc:Bounds x="412" y="172" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="380" y="148" width="100" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="waitReply_di" bpmnElement="waitReply"><dc:Bounds x="602" y="172" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="570" y="148" width="100" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end"><dc:Bounds x="792" y="172" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="760" y="148" width="100" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="partner_di" bpmnElement="partner" isHorizontal="true"><dc:Bounds x="160" y="380" width="760" height="180" /></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="partnerStart_di" bpmnElement="partnerStart"><dc:Bounds x="412" y="452" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="380" y="496" width="100" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="partnerEnd_di" bpmnElement="partnerEnd"><dc:Bounds x="602" y="452" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="570" y="496" width="100" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="toSend_di" bpmnElement="toSend"><di:waypoint x="278" y="190" /><di:waypoint x="412" y="190" /></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="toWait_di" bpmnElement="toWait"><di:waypoint x="448" y="190" /><di:waypoint x="602" y="190" /></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="toEnd_di" bpmnElement="toEnd"><di:waypoint x="638" y="190" /><di:waypoint x="792" y="190" /></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="partnerToEnd_di" bpmnElement="partnerToEnd"><di:waypoint x="448" y="470" /><di:waypoint x="602" y="470" /></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="flowRequest_di" bpmnElement="flowRequest"><di:waypoint x="430" y="208" /><di:waypoint x="430" y="452" /><bpmndi:BPMNLabel><dc:Bounds x="440" y="333" width="56" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="flowReply_di" bpmnElement="flowReply"><di:waypoint x="620" y="452" /><di:waypoint x="620" y="208" /><bpmndi:BPMNLabel><dc:Bounds x="630" y="333" width="56" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}
