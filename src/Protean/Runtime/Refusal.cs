namespace Protean.Runtime;

/// <summary>Why something was not done, for the person who asked: a code, what, where, expected and got, and what to do.</summary>
/// <param name="Code">Stable, like PRT-ADM-0004.</param>
/// <param name="What">One sentence.</param>
/// <param name="Where">Unit, node, step, file and line: whatever places it.</param>
/// <param name="Expected">What would have been accepted.</param>
/// <param name="Got">What was found.</param>
/// <param name="Retry">Whether the same request may succeed later.</param>
/// <param name="Advice">What to do.</param>
public sealed record Refusal(string Code, string What, string Where = "", string Expected = "", string Got = "", bool Retry = false, string Advice = "")
{
    public override string ToString()
    {
        var text = $"{Code}: {What}";
        if (Where.Length > 0) text += $" [{Where}]";
        if (Expected.Length > 0 || Got.Length > 0) text += $"; expected {Expected}, got {Got}";
        if (Advice.Length > 0) text += $". {Advice}";
        return text;
    }
}
