package main

// Run says how the service is reached and makes the link for the first
// administrator.
func (c *setupCommand) Run(s *session) error {
	if c.Listen == "network" {
		s.printf("To be reached from your home network, listen on all addresses: serve --listen 0.0.0.0:3001,\n" +
			"or QSLBOX_LISTEN=0.0.0.0:3001 in /etc/default/qslbox. An administrator has to exist first.\n")
	}
	link, err := s.link("/api/setup/code")
	if err != nil {
		return err
	}
	s.printf("Open this link within 30 minutes:\n  %s\n", link)
	return nil
}
