namespace Protean.Cli.Chaos;

/// <summary>What did not hold: told as it is found, and kept. For several threads.</summary>
internal sealed class Violations(Terminal terminal)
{
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Add(string violation)
    {
        lock (_all) _all.Add(violation);
        terminal.Step("violation", $"{violation}");
    }
}
