namespace Protean.Tests.Workflows;

/// <summary>Identifiers of the test lottery: a change of one is a change of the protocol.</summary>
internal static class GoldenBytes
{
    public const string Workflow = "6ff3c89783fc2b9318e804d3bbdfddd269704807b4b1b8433307ecf2bc5d1a75";
    public const string Instance = "ee852d95edbe32de41efe8606dab8cf55cfcb2f47d7bfd656502dfc4f466d4c4";
    public const string Plan = "f6f7fff7f66b1f6a733e507ffd56dd3f0453b4fef11124fc986cd539bf63f29d";
    public const string ReplayPlan = "eed501486f1a98f737f8209551ef02fbb579044754afb0949a091b2b68eb1790";
    public const string ReplayInstance = "0c2a3395a5bbfa7cd250ba6be9b92e9425137d782c977493b2992ede97e90764";
    public const string ReplayDirect = "91cc92b30fde85c45035a476f5e4d7205e98817795b4fe0615570ecd694ce0df";
    public const string Inputs = "3017b600c27f375169d363de220ca1ffc5b2597d59eac09a505010442b4a44a7";
    public const string Request = "785d33cd3e9c14117eaef2e26bc61cc1e7c4f06a933211d56d349a2263c8849c";
    public const string Direct = "ac87ac585b0050b74aad397705907bedb12621a34c147ec558c69ac1face3706";
}
