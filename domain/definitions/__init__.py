"""流程定义: deployed models, drafts and forms."""
