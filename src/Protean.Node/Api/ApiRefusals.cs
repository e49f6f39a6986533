using Microsoft.AspNetCore.Http;
using Protean.Runtime;

namespace Protean.Node.Api;

internal static class ApiRefusals
{
    private const string UnknownUnitCode = "PRT-API-0001";
    private const string NoQueryCode = "PRT-API-0005";

    /// <summary>The status of an answer that holds nothing but a refusal: what may come is waited for (503), what is named and not there is not found
    /// (404), and everything else is a fault of the question (400).</summary>
    public static int StatusOf(Refusal refusal) => refusal switch
    {
        { Retry: true } => StatusCodes.Status503ServiceUnavailable,
        { Code: UnknownUnitCode or NoQueryCode } => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status400BadRequest,
    };

    public static Refusal UnknownUnit(string unitId) => new(
        UnknownUnitCode, "this node does not serve that unit", Got: unitId.Length <= Limits.MaxAddress ? unitId : $"{unitId.Length} characters",
        Expected: "the identifier of a unit this node is a member of", Advice: "GET /v1/units lists the units; the directory tells their members.");

    public static Refusal NotBase64(string field) => new("PRT-API-0002", "a field is not base64", field, "base64", "something else");

    public static Refusal NotSealedYet(string bound) => new(
        "PRT-API-0003", "no sealed height is there yet", Expected: bound, Got: "an earlier one", Retry: true, Advice: "Ask again, or another member.");

    public static Refusal NoKey(string purpose) => new(
        "PRT-API-0004", "the unit has no key for that purpose yet", Got: purpose, Retry: true, Advice: "See the unit's status for its key generation.");

    public static Refusal NoEpoch(ulong epoch) => new(
        "PRT-API-0010", "this node has no link into that epoch", Got: $"{epoch}", Retry: true, Advice: "Ask a member of the directory.");

    public static Refusal NoQuery(string name) => new(NoQueryCode, "the unit answers no such query", Got: name);

    public static Refusal TooMany(int count) => new(
        "PRT-API-0006", "too many keys and prefixes in one read", Expected: $"at most {Limits.MaxApiReads}", Got: $"{count}", Advice: "Ask for them in parts.");

    public static Refusal BadRequest(string what) => new("PRT-API-0007", "the request's form is wrong", Got: what, Advice: "See /openapi/v1.json.");

    public static Refusal ClearText(string address) => new(
        "PRT-API-0008", "the API speaks clear text, so it listens on loopback only", address, "a loopback address", address,
        Advice: "Put a TLS proxy in front of it for clients elsewhere.");

    public static Refusal Crowded(string what) => new(
        "PRT-API-0045", "this node has no room for another large request now", Expected: $"room for its {what}", Got: "others that are not done", Retry: true,
        Advice: "Ask another member, or later.");

    public static Refusal TooManyFollowers() => new(
        "PRT-API-0046", "too many clients follow this node's events", Expected: $"at most {Limits.MaxApiFollowers}", Got: "one more", Retry: true, Advice: "Follow another member.");

    public static Refusal Internal(string what) => new("PRT-API-0009", "the node failed to answer", Got: what, Retry: true, Advice: "Ask another member; report this.");
}
