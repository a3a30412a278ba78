"""Models of other engines (Camunda 7, Flowable, Activiti, plain BPMN) into our dialect: expressions, attributes, repairs, a report."""
