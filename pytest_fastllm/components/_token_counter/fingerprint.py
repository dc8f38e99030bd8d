"""Which LiteLLM is installed: the code whose behaviour is reproduced.

Run ``python -m pytest_fastllm.components._token_counter.fingerprint`` to print that of the installed one.
"""

from __future__ import annotations

from ..known_code import by_release
from ..known_litellm import KnownLitellm

COUNTER = "litellm_core_utils/token_counter.py"
UTILS = "utils.py"
BRIDGE = "rust_bridge/tokenizer.py"
TEMPLATES = "litellm_core_utils/prompt_templates/chat_template_tools.py"

PARTS = (
    (COUNTER, "EXTRAPOLATION_SAMPLES"),
    (COUNTER, "_MessageCountParams"),
    (COUNTER, "token_counter"),
    (COUNTER, "_count_messages"),
    (COUNTER, "_count_extra"),
    (COUNTER, "_get_count_function"),
    (COUNTER, "_get_extrapolating_count_function"),
    (COUNTER, "_evenly_spaced_samples"),
    (COUNTER, "_get_exact_count_function"),
    (COUNTER, "_get_tiktoken_count_function"),
    (COUNTER, "_encoding_count"),
    (COUNTER, "openai_tokenizer_encoding"),
    (COUNTER, "openai_tokenizer_encoding_name"),
    (COUNTER, "uses_legacy_message_accounting"),
    (COUNTER, "_fix_model_name"),
    (UTILS, "token_counter"),
    (UTILS, "select_tokenizer"),
    (UTILS, "_select_tokenizer"),
    (UTILS, "_select_tokenizer_helper"),
    (UTILS, "_return_openai_tokenizer"),
    (UTILS, "_return_huggingface_tokenizer"),
    (UTILS, "huggingface_tokenizer_kind"),
    (UTILS, "uses_anthropic_tokenizer"),
    (UTILS, "convert_list_message_to_dict"),
    (UTILS, "convert_to_dict"),
    (UTILS, "cleanup_none_field_in_message"),
    (BRIDGE, "get_encoding"),
    (BRIDGE, "_python_encoding"),
    (UTILS, "_load_huggingface_tokenizer"),
    (UTILS, "_huggingface_tokenizer_backend"),
    (BRIDGE, "anthropic"),
    (BRIDGE, "_python_tokenizer"),
    (COUNTER, "_count_content_list"),
    (COUNTER, "_count_function_call_tokens"),
    (COUNTER, "_format_function_definitions"),
    (COUNTER, "_count_tool_definitions"),
    (COUNTER, "_count_tool_choice"),
    (COUNTER, "_compaction_summaries"),
    (COUNTER, "_TEXT_FIELD_BY_BLOCK_TYPE"),
    (COUNTER, "_is_openai_chat_model"),
    (COUNTER, "_is_listed_non_chat_model"),
    (COUNTER, "_openai_model_name"),
    (COUNTER, "_listed_openai_model_name"),
    (COUNTER, "_is_openai_cost_map_model"),
    (COUNTER, "_is_azure_openai_text_model"),
    (COUNTER, "_is_openai_model_name"),
    (COUNTER, "_tiktoken_o200k_model_name"),
    (COUNTER, "_tiktoken_encoding_name"),
    (COUNTER, "_versioned_openai_model_name"),
    (COUNTER, "_azure_openai_chat_model_name"),
    (COUNTER, "_is_azure_openai_chat_model"),
    (COUNTER, "_openai_deployment_name"),
    (COUNTER, "_suffixed_variant_encoding_name"),
    (COUNTER, "_cost_map_entry"),
    (COUNTER, "_untyped_cost_map"),
    (COUNTER, "_pdf_dictionary"),
    (COUNTER, "pdf_page_pricing"),
    (COUNTER, "_is_openai_or_azure_model"),
    (COUNTER, "_openai_model_family"),
    (TEMPLATES, "chat_template_tool_section"),
)
"""The code whose behaviour is reproduced; a part that a version does not have is fingerprinted as absent."""

# One line for each LiteLLM version that the equivalence tests have passed on: eight hexadecimal digits for each part.
# To add one: run the tests on it, then paste the line that this module prints.
KNOWN = """
1.100.5 e3b0c4420c2bbe771ef7697964482f182d8ee887cce91ebde3b0c442e3b0c442e3b0c442eb1f60f1e3b0c442e3b0c442e3b0c442e3b0c4421e9766cac1a101ace3b0c442c4d4f634c863c0e09de843f757bf0842e3b0c442e3b0c442581491726bcb14c2d1f943ffe3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c4420263aa41a3dbcf01ca02d80ee3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.101.6 e3b0c4420c2bbe771ef7697964482f182d8ee887cce91ebde3b0c442e3b0c442e3b0c442eb1f60f1e3b0c442e3b0c442e3b0c442e3b0c4421e9766cac1a101ace3b0c442c4d4f634c863c0e09de843f757bf0842e3b0c442e3b0c442581491726bcb14c2d1f943ffe3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c44253e7331ea3dbcf01ca02d80ee3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.102.4 97aacb3969b3fa601ef7697964482f182d8ee887fbe652002dcf511285e77ade71f58216eb1f60f1e3b0c442d0b52824e3b0c44247ec29af1e9766cac1a101ace3b0c442c4d4f634c863c0e09de843f79da5148d5fda1c6a55863e22581491726bcb14c2d1f943ffe3b0c442e3b0c442a84a9895e3b0c442e3b0c442e3b0c44253e7331ea3dbcf01ca02d80ee3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.103.11 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77ade9fa0280beb1f60f1e3b0c442d0b52824e3b0c44247ec29af1e9766cac1a101ace3b0c4422bf4d4c4c863c0e09de843f79da5148d5fda1c6a55863e22581491726bcb14c2d1f943ffe3b0c442e3b0c442a84a9895e3b0c442e3b0c442e3b0c442218904f8a3dbcf01ca02d80ee3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.104.9 97aacb39e9480b0044d0521964482f18e773f547fbe652002dcf511285e77adedacdeb3aeb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caad95d5fae3b0c4426bfa9402d9543f879de843f71a7a37b05fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a6930a591974a1606d358c12be3b0c442218904f8a3dbcf01ca02d80eea22fc473cfa763be3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c44227f3a2b0
1.105.7 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77adedacdeb3aeb1f60f1bc426047c6e43115453fbd2147ec29af1e9766cac1a101ace3b0c4426bfa940221e0b4c99de843f7897b3ab85fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a2fb6ec49974a1606d358c12be3b0c442218904f8a3dbcf013ea49c04e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.106.2 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77aded71ac070eb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caf67d516f675175e7b1acb3abca615b02e2468e00897b3ab85fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a2fb6ec49974a1606cac7a4290307daf6218904f8a3dbcf013ea49c04e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.106.10 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77aded71ac070eb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caf67d516f675175e7b1acb3abca615b02e2468e00897b3ab85fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a2fb6ec49974a1606cac7a4290307daf6218904f8a3dbcf013ea49c04e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.108.0 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77aded71ac070eb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caf67d516f675175e7b1acb3abca615b02e2468e00897b3ab85fda1c6a55863e2239b8f9846bcb14c2d1f943ffc06ff9e6266c806a2fb6ec49974a1606cac7a4290307daf6218904f8a3dbcf013ea49c04e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.108.11 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77aded71ac070eb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caf67d516f675175e7b1acb3abca615b02e2468e00897b3ab85fda1c6a55863e2239b8f9846bcb14c2d1f943ffc06ff9e6266c806a2fb6ec49974a1606cac7a4290307daf6ca943ddaa3dbcf013ea49c04e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442
1.109.1 97aacb391d81e597724702f62069b25ae773f547fbe652002dcf511285e77ade6afffbebeb1f60f1bc426047c6e431156a8456c947ec29af1e9766caf67d516f675175e7b1acb3ab0d33eb2be2468e00043f8578e0550efb55863e2239b8f9846bcb14c2d1f943ffc06ff9e6266c806a4eaa9bf5974a1606cac7a4290307daf6a98b6aa0a3dbcf0132bb328dea22fc4799c5d80d38ae9e410eda868a512dee13aed1c6800bb417fce417176a734a387ec137231fba95d6892561e0161e46553f83b65ba70b083057d893c8371ffc36f88339770d8633e4027aa56a6515f618647f7ac25b1c469e6d2b00258d27f3a2b0
"""  # noqa: E501

LITELLM = KnownLitellm("token counter", PARTS, by_release(KNOWN), extra="litellm")

if __name__ == "__main__":
    LITELLM.print_installed()
